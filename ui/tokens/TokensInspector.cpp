#include "ui/tokens/TokensInspector.h"

#include <QLabel>
#include <QVBoxLayout>

#include "ui/generation/TokenTrace.h"
#include "ui/widgets/Format.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {
namespace {

QString hexadecimal(std::string_view bytes) {
    return QString::fromLatin1(QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())).toHex(' '));
}

}  // namespace

TokensInspector::TokensInspector(QWidget* parent)
    : QWidget(parent), m_facts(new FactList), m_example(new FactList), m_hint(new MutedLabel) {
    m_hint->setText(
        tr("Click a token, or move with the arrows; Shift selects several. L labels what is selected, U takes the label off, "
           "Delete goes back to the rule."));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->addWidget(new SectionLabel(tr("The token")));
    layout->addWidget(m_facts);
    layout->addWidget(new SectionLabel(tr("Its example")));
    layout->addWidget(m_example);
    layout->addWidget(new SectionLabel(tr("Labels by hand")));
    layout->addWidget(m_hint);
    layout->addStretch();
}

void TokensInspector::show_token(const TokenView& view, int token, const Tokenizer* tokenizer) {
    std::vector<FactList::Fact> facts;
    std::vector<FactList::Fact> example;
    if (token >= 0 && tokenizer != nullptr) {
        const TokenView::Place place = view.place_of(token);
        const ExampleView& shown = view.sections()[place.section].view;
        const ExampleToken& one = shown.tokens[place.token];
        const std::string_view bytes = tokenizer->bytes_of(one.id);
        const auto yes = [](bool it_is) { return it_is ? tr("yes") : tr("no"); };
        facts = {
            {tr("Text"), shown_token(std::string(bytes))},
            {tr("Id"), QString::number(one.id)},
            {tr("Bytes"), hexadecimal(bytes)},
            {tr("In the text"), one.begin < one.end ? tr("%1 to %2").arg(one.begin).arg(one.end) : tr("–")},
            {tr("Place"), QString::number(place.token)},
            {tr("Kind"), tr(name_of(one.kind))},
            {tr("Labelled"), one.truncated ? tr("cut away") : yes(one.labelled), one.labelled && !one.truncated ? Role::Tuned : Role::Text},
            {tr("Attended"), yes(one.attended())}};
        ExampleShares shares;
        shares.add(shown);
        example = {{tr("Tokens fed"), count_text(shares.fed())},
                   {tr("Labelled"), count_text(shares.labelled)},
                   {tr("Ignored"), count_text(shares.ignored)},
                   {tr("Padding"), count_text(shares.padding)},
                   {tr("Cut away"), count_text(shares.truncated)}};
    }
    m_facts->set_facts(facts);
    m_example->set_facts(example);
}

}  // namespace lossmith::ui

#include "moc_TokensInspector.cpp"
