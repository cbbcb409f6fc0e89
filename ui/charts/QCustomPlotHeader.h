// QCustomPlot's header as this project can take it: it uses Qt's keywords, which our own code does without. Include it in .cpp files only.
#pragma once

#include <QtCore>
#include <QtGui>
#include <QtPrintSupport>
#include <QtWidgets>

#define signals Q_SIGNALS
#define slots Q_SLOTS
#define emit
#define foreach(declaration, container) for (declaration : container)
#include <qcustomplot.h>
#undef foreach
#undef emit
#undef slots
#undef signals
