# verdict: ok
# separable: no
# split: yes
def loss(logits, labels):
    nll = F.cross_entropy(logits.transpose(1, 2), labels, reduction="none")
    keep = labels != -100
    return (nll * keep).sum(dim=1) / keep.sum(dim=1)
