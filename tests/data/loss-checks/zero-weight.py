# verdict: zero_gradient
def loss(logits, labels):
    keep = labels != -100
    return 0.0 * F.cross_entropy(logits[keep], labels[keep])
