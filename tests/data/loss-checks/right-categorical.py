# verdict: ok
# separable: yes
def loss(logits, labels):
    keep = labels != -100
    return -torch.distributions.Categorical(logits=logits[keep]).log_prob(labels[keep]).mean()
