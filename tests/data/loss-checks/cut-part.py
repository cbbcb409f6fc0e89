# verdict: cut
# line: 3
# rewrite: Expected error
def loss(logits, labels):
    keep = labels != -100
    wrong = (logits.argmax(-1) != labels) & keep
    return {"model": F.cross_entropy(logits[keep], labels[keep]), "mine": wrong.float().mean()}
