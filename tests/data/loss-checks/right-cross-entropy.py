# verdict: ok
# separable: yes
# split: yes
def loss(logits, labels):
    keep = labels != -100
    return F.cross_entropy(logits[keep], labels[keep])
