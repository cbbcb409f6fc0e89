# verdict: ok
# separable: yes
# split: yes
def loss(logits, labels):
    return F.cross_entropy(logits.transpose(1, 2), labels, ignore_index=-100)
