// Precompiled for the window's libraries and their tests; no file relies on it. Narrow on purpose: all of QtWidgets costs more
// to precompile in each library than it saves.
#pragma once

#include <QAbstractTableModel>
#include <QApplication>
#include <QBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QSettings>
#include <QTableView>

#include "packaging/cmake/PrecompiledCore.h"
