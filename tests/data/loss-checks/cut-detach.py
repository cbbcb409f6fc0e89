# verdict: cut
# line: 3
# rewrite: Without detach
def loss(logits, labels):
    keep = labels != -100
    kept = logits.detach()[keep]
    return F.cross_entropy(kept, labels[keep])
