# verdict: ok
# separable: no
def loss(logits, labels, hidden_states):
    keep = labels != -100
    return F.cross_entropy(logits[keep], labels[keep]) + 0.001 * (hidden_states[keep] ** 2).mean()
