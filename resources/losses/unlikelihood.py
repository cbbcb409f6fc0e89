def loss(logits, labels, input_ids, attention_mask, alpha: float = 1.0):
    B, T, V = logits.shape
    keep = labels != -100
    p = F.softmax(logits, dim=-1)
    seen = torch.zeros(B, T, V)
    past = torch.zeros(B, V)
    for t in range(T):
        past = past.scatter(1, input_ids[:, t:t + 1], 1.0)
        seen[:, t] = past
    seen = seen.scatter(-1, labels.clamp(min=0)[..., None], 0.0)
    unlikely = -(torch.log(torch.clamp(1 - p, min=1e-6)) * seen).sum(dim=-1)
    nll = F.cross_entropy(logits[keep], labels[keep])
    return {"cross_entropy": nll, "unlikelihood": alpha * unlikely[keep].mean()}
