# verdict: ok
# separable: yes
import torch.nn as nn
def loss(logits, labels):
    criterion = nn.CrossEntropyLoss()
    return criterion(logits.reshape(-1, logits.shape[-1]), labels.reshape(-1))
