// The meta-object of LatestRequest.
#include "ui/logits/LatestRequest.h"

#include "moc_LatestRequest.cpp"
