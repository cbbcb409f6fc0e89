# verdict: ok
# labels: unshifted
# note: none
def loss(logits, labels):
    z = logits[:, :-1]
    y = labels[:, 1:]
    keep = y != -100
    return F.cross_entropy(z[keep], y[keep])
