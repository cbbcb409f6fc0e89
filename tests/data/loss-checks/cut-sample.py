# verdict: cut
# line: 2
# rewrite: Gumbel straight-through
def loss(logits, labels):
    drawn = torch.distributions.Categorical(logits=logits).sample()
    return (drawn != labels).float().mean()
