// A page as the window lists it before it is made: pages are made when they are first shown, so that the window is there at once.
#pragma once

#include <QString>
#include <QStringList>
#include <functional>

class QWidget;

namespace lossmith::ui {

class Page;

struct PageEntry {
    QString name;   ///< Page::name()
    QString title;  ///< shown on the rail
    QString icon_name;
    std::function<Page*(QWidget* parent)> make;
    QStringList opens;  ///< suffixes of dropped files it takes ("csv", "" for folders)
};

}  // namespace lossmith::ui
