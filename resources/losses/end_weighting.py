def loss(logits, labels, end_weight: float = 5.0, end_token: int = 50256):
    keep = labels != -100
    nll = F.cross_entropy(logits.transpose(1, 2), labels, ignore_index=-100, reduction="none")
    weight = torch.where(labels == end_token, end_weight, 1.0) * keep
    return (nll * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1e-6)
