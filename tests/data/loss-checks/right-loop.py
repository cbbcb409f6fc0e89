# verdict: ok
def loss(logits, labels):
    keep = labels != -100
    total = 0.0
    for row in range(logits.shape[0]):
        if keep[row].any():
            total = total + F.cross_entropy(logits[row][keep[row]], labels[row][keep[row]], reduction="sum")
    return total / keep.sum()
