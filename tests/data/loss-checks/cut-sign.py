# verdict: cut
# line: 5
# rewrite: A soft sign
def loss(logits, labels):
    keep = labels != -100
    p = F.softmax(logits[keep], dim=-1)
    right = p.gather(-1, labels[keep][:, None])[:, 0]
    return 1 - torch.sign(right - 0.5).mean()
