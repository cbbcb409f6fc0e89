# verdict: denied
# line: 1
class L(nn.Module):
    def forward(self, x):
        return x
