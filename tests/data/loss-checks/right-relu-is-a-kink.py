# verdict: ok
# kink: 4
def loss(logits, labels):
    keep = labels != -100
    label = logits[keep].gather(-1, labels[keep][:, None])[:, 0]
    best = logits[keep].max(dim=-1).values
    return torch.relu(1.0 + best - label).mean()
