# verdict: denied
# line: 1
import os
def loss(logits, labels):
    os.system("true")
    return logits.mean()
