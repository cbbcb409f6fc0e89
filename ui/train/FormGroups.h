// Which fields of a run's config stand together in the form, and which groups are open at first.
#pragma once

#include <QString>
#include <vector>

#include "core/config/RunFields.h"

namespace lossmith::ui {

struct FormField {
    QString key;  ///< dotted for the insides of sampling and reward
    const FieldKnowledge* knowledge;
};

struct FormGroup {
    QString title;
    bool open = false;
    std::vector<FormField> fields;
};

/// Every field of the table that the form makes an input for, each once; fields that no group names stand in the last, "Advanced".
/// Model, name, loss, which reward, template, devices and threads have parts of their own.
[[nodiscard]] std::vector<FormGroup> form_groups();

}  // namespace lossmith::ui
