// The meta-objects of the classes that are wholly in their headers.
#include "ui/widgets/Page.h"

#include "ui/widgets/LatestAnswer.h"

#include "moc_LatestAnswer.cpp"
#include "moc_Page.cpp"
