"""What PyTorch answers for the policy gradient of core/engine/reward: run once, its output kept. usage: make.py FOLDER"""
import json, sys, torch
from safetensors.torch import save_file

torch.manual_seed(7)
folder = sys.argv[1]
tensors, cases = {}, []
for name, temperature, beta, epsilon, drawn in [("first_pass", 1.0, 0.04, 0.2, False), ("warm", 0.7, 0.0, 0.2, False),
                                                ("second_pass", 1.0, 0.04, 0.2, True), ("cool_second_pass", 1.3, 0.1, 0.1, True)]:
    n, v = 9, 37
    logits = (torch.randn(n, v) * 2 - 100).requires_grad_()
    base = logits.detach() + torch.randn(n, v) * 0.3
    labels = torch.randint(0, v, (n,))
    advantages, weights = torch.randn(n), torch.rand(n) / n
    l = torch.log_softmax(logits / temperature, -1)
    lp = l.gather(1, labels[:, None])[:, 0]
    old = (lp.detach() + torch.randn(n) * 0.3) if drawn else lp.detach()
    ratio = torch.exp(lp - old)
    clip = torch.clamp(ratio, 1 - epsilon, 1 + epsilon)
    policy = -torch.min(ratio * advantages, clip * advantages)
    away = torch.log_softmax(base / temperature, -1).gather(1, labels[:, None])[:, 0] - lp
    kl = torch.exp(away) - away - 1
    loss = (weights * (policy + beta * kl)).sum()
    loss.backward()
    entropy = -(l.exp() * l).sum(-1)
    t = dict(logits=logits.detach(), base=base, labels=labels, advantages=advantages, weights=weights, gradient=logits.grad)
    if drawn:
        t["log_probs"] = old
    tensors.update({f"{name}.{k}": x.contiguous() for k, x in t.items()})
    cases.append(dict(name=name, temperature=temperature, beta=beta, epsilon=epsilon, drawn=drawn, loss=loss.item(), policy=(weights * policy).sum().item(),
                      kl=(weights * kl).sum().item() if beta > 0 else 0.0, entropy=(weights * entropy).sum().item(),
                      clipped=(weights * (ratio * advantages > clip * advantages)).sum().item()))
save_file(tensors, folder + "/policy_loss.safetensors")

rewards = torch.tensor([1.0, 0.0, 0.5, 0.25], dtype=torch.float64)
log_probs = torch.tensor([-20.0, -35.0, -12.0, -28.0], dtype=torch.float64, requires_grad=True)
q = torch.softmax(0.05 * log_probs, 0)
(-(q * rewards).sum()).backward()   # expected risk: what minimum_risk minimises
cases_a = dict(rewards=rewards.tolist(), log_probs=log_probs.tolist(), baseline=0.3, greedy=0.6, risk_alpha=0.05,
               reinforce=(rewards - 0.3).tolist(), self_critical=(rewards - 0.6).tolist(),
               rloo=(rewards - (rewards.sum() - rewards) / 3).tolist(),
               grpo=((rewards - rewards.mean()) / (rewards.std() + 1e-4)).tolist(), minimum_risk=(-log_probs.grad).tolist())
json.dump(dict(torch=torch.__version__, policy=cases, advantages=cases_a), open(folder + "/rewards.json", "w"), indent=1)
