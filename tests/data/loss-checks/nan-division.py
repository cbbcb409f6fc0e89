# verdict: not_finite
# line: 3
def loss(logits, labels):
    keep = labels < -1000
    return F.cross_entropy(logits.transpose(1, 2), labels, reduction="sum") / keep.sum()
