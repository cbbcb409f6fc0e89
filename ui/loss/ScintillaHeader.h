// QScintilla's headers as this project can take them: they use Qt's keywords, which our own code does without. For .cpp files only.
#pragma once

#include <QtCore>
#include <QtGui>
#include <QtWidgets>

#define signals Q_SIGNALS
#define slots Q_SLOTS
#define emit
#include <Qsci/qscilexerpython.h>
#include <Qsci/qsciscintilla.h>
#undef emit
#undef slots
#undef signals
