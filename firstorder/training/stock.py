"""The usual way to feed a network, to hold ours against."""

import numpy as np
import torch
from PIL import Image


class StockDigits(torch.utils.data.Dataset):
    """Digits as a stock dataset hands them out, for torch's DataLoader: one at a time, through PIL.

    What torchvision's MNIST, ToTensor and Normalize do in PyTorch's own MNIST example, for arrays as
    `load_mnist` gives them.

    >>> image, label = StockDigits(np.zeros((2, 28, 28), np.uint8), np.array([3, 7]))[1]
    >>> image.shape, label
    (torch.Size([1, 28, 28]), 7)
    """

    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        picture = Image.fromarray(self.images[index])
        ink = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        ink = ink.view(picture.size[1], picture.size[0], 1).permute(2, 0, 1).contiguous()
        ink = ink.to(torch.float32).div(255).clone()
        mean, spread = torch.tensor([0.1307]), torch.tensor([0.3081])
        return ink.sub_(mean.view(-1, 1, 1)).div_(spread.view(-1, 1, 1)), int(self.labels[index])
