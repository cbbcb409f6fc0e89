# verdict: error
# line: 2
def loss(logits, labels):
    keep = label != -100
    return F.cross_entropy(logits[keep], labels[keep])
