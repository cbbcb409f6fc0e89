# verdict: ok
def backward(grad, x):
    return grad * (x > 0).float()

@gradient(backward)
def my_relu(x):
    return torch.where(x > 0, x, torch.zeros_like(x))

def loss(logits, labels):
    keep = labels != -100
    return my_relu(torch.logsumexp(logits[keep], dim=-1)  + 200).mean()
