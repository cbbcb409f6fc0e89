# verdict: cut
# line: 4
# rewrite: Keep the tensor
def loss(logits, labels):
    keep = labels != -100
    nll = F.cross_entropy(logits[keep], labels[keep])
    return nll.item()
