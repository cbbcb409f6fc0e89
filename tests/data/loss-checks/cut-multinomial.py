# verdict: cut
# line: 3
# rewrite: Gumbel straight-through
def loss(logits, labels):
    p = F.softmax(logits, dim=-1)
    drawn = torch.multinomial(p.view(-1, p.shape[-1]), 1).view(labels.shape)
    return (drawn != labels).float().mean()
