# verdict: ok
# separable: yes
def loss(logits, labels):
    return F.cross_entropy(logits.transpose(1, 2), labels, reduction="none")
