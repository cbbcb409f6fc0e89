# verdict: cut
# line: 3
# rewrite: Keep the tensor
def loss(logits, labels):
    keep = labels != -100
    return torch.tensor(F.cross_entropy(logits[keep], labels[keep]))
