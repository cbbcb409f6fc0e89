# verdict: ok
# rewrite: Take logits and labels as they are
# note: 2
def loss(logits, labels):
    z = logits[:, :-1]
    y = labels[:, 1:]
    keep = y != -100
    return F.cross_entropy(z[keep], y[keep])
