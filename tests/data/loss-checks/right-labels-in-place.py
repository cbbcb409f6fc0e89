# verdict: ok
def loss(logits, labels):
    keep = labels != -100
    labels[labels == -100] = 0
    nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction="none")
    return (nll * keep).sum() / keep.sum()
