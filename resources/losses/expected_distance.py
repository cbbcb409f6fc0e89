def loss(logits, labels, costs: torch.Tensor = None, listed: TokenList = None):
    keep = labels != -100
    p = F.softmax(logits[keep], dim=-1)
    if costs is None:
        V = logits.shape[-1]
        cost = (torch.arange(V)[None, :] - labels[keep][:, None]).abs().float() / V
        return (p * cost).sum(dim=-1).mean()
    chosen = torch.tensor(listed)
    which = (labels[keep][:, None] == chosen[None, :]).float()
    expected = (which @ costs * p[:, chosen]).sum(dim=-1)
    return {"cross_entropy": F.cross_entropy(logits[keep], labels[keep]), "expected_cost": expected.mean()}
