def loss(logits, labels, embeddings, temperature: float = 1.0, cross_entropy: float = 1.0):
    keep = labels != -100
    kept = logits[keep]
    noise = -torch.log(-torch.log(torch.rand_like(kept).clamp(1e-9, 1 - 1e-7)))
    soft = F.softmax((kept + noise) / temperature, dim=-1)
    hard = F.one_hot(soft.argmax(dim=-1), kept.shape[-1]).float()
    sampled = hard + soft - soft.detach()
    distance = ((sampled @ embeddings - embeddings[labels[keep]]) ** 2).sum(dim=-1)
    return {"cross_entropy": cross_entropy * F.cross_entropy(kept, labels[keep]), "distance": distance.mean()}
