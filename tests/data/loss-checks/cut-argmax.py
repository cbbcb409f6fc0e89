# verdict: cut
# line: 2
# rewrite: Expected error
def loss(logits, labels):
    guess = logits.argmax(dim=-1)
    keep = labels != -100
    return ((guess != labels) & keep).float().mean()
