// The controls of the import page.
#include "ui/data/ImportForm.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QSignalBlocker>

#include "ui/data/RowsModel.h"
#include "ui/widgets/Labels.h"

namespace lossmith::ui {

namespace {

const QStringList encodings{QStringLiteral("UTF-8"),        QStringLiteral("UTF-16LE"),     QStringLiteral("UTF-16BE"),
                            QStringLiteral("windows-1252"), QStringLiteral("ISO-8859-1"),   QStringLiteral("ISO-8859-2"),
                            QStringLiteral("ISO-8859-15"),  QStringLiteral("windows-1250"), QStringLiteral("windows-1251"),
                            QStringLiteral("windows-1253"), QStringLiteral("windows-1254"), QStringLiteral("KOI8-R"),
                            QStringLiteral("SHIFT_JIS"),    QStringLiteral("EUC-JP"),       QStringLiteral("GB18030"),
                            QStringLiteral("BIG5"),         QStringLiteral("EUC-KR")};

QComboBox* combo(const QString& name, const QString& tip) {
    auto* box = new QComboBox;
    box->setAccessibleName(name);
    box->setToolTip(tip);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    box->setMinimumContentsLength(8);
    return box;
}

void choose_data(QComboBox* box, const QVariant& data) {
    const QSignalBlocker quiet(box);
    box->setCurrentIndex(box->findData(data));
}

void choose_text(QComboBox* box, const QString& text) {
    const QSignalBlocker quiet(box);
    if (box->findText(text, Qt::MatchFixedString) < 0) box->addItem(text);
    box->setCurrentIndex(box->findText(text, Qt::MatchFixedString));
}

void list_columns(QComboBox* box, const std::vector<std::string>& columns, const std::optional<std::string>& chosen, bool may_be_none) {
    const QSignalBlocker quiet(box);
    box->clear();
    if (may_be_none) box->addItem(ImportForm::tr("(none)"), QString());
    for (const std::string& column : columns) box->addItem(QString::fromStdString(column), QString::fromStdString(column));
    box->setCurrentIndex(box->findData(QString::fromStdString(chosen.value_or(std::string()))));
}

}  // namespace

ImportForm::ImportForm(QWidget* parent)
    : QWidget(parent),
      m_format(combo(tr("Format"), tr("What kind of file this is"))),
      m_encoding(combo(tr("Encoding"), tr("How bytes become letters"))),
      m_delimiter(combo(tr("Delimiter"), tr("What stands between two cells"))),
      m_quote(combo(tr("Quote"), tr("What stands around a cell that holds a delimiter or a line end"))),
      m_header(new QCheckBox(tr("The first line names the columns"))),
      m_problem(combo(tr("Problem column"), tr("What is asked: the prompt is made of it"))),
      m_solution(combo(tr("Solution column"), tr("What shall be answered: the model learns to write it"))),
      m_duplicates(new QCheckBox(tr("Keep rows that occur twice"))),
      m_split(combo(tr("Goes to"), tr("The split that the rows go to"))) {
    m_format->addItem(tr("CSV"), static_cast<int>(FileFormat::Csv));
    m_format->addItem(tr("JSON lines"), static_cast<int>(FileFormat::JsonLines));
    m_format->addItem(tr("Plain text"), static_cast<int>(FileFormat::PlainText));
    m_encoding->addItems(encodings);
    m_delimiter->addItem(tr("comma  ,"), QChar(u','));
    m_delimiter->addItem(tr("semicolon  ;"), QChar(u';'));
    m_delimiter->addItem(tr("tab  ⇥"), QChar(u'\t'));
    m_delimiter->addItem(tr("bar  |"), QChar(u'|'));
    m_delimiter->addItem(tr("colon  :"), QChar(u':'));
    m_quote->addItem(tr("double  \""), QChar(u'"'));
    m_quote->addItem(tr("single  '"), QChar(u'\''));
    m_split->addItem(tr("all splits, by the shares"), -1);
    for (const Split split : {Split::Train, Split::Validation, Split::Test})
        m_split->addItem(tr("%1 only").arg(title_of(split)), static_cast<int>(split));
    m_format->setObjectName(QStringLiteral("import_format"));
    m_encoding->setObjectName(QStringLiteral("import_encoding"));
    m_delimiter->setObjectName(QStringLiteral("import_delimiter"));
    m_quote->setObjectName(QStringLiteral("import_quote"));
    m_header->setObjectName(QStringLiteral("import_header"));
    m_problem->setObjectName(QStringLiteral("import_problem"));
    m_solution->setObjectName(QStringLiteral("import_solution"));
    m_duplicates->setObjectName(QStringLiteral("import_duplicates"));
    m_split->setObjectName(QStringLiteral("import_split"));

    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(4);
    const auto place = [grid](QWidget* control, const QString& label, int column, int row) {
        auto* caption = new MutedLabel(label);
        caption->setBuddy(control);
        grid->addWidget(caption, row * 2, column);
        grid->addWidget(control, row * 2 + 1, column);
    };
    place(m_format, tr("Format"), 0, 0);
    place(m_encoding, tr("Encoding"), 1, 0);
    place(m_delimiter, tr("Delimiter"), 2, 0);
    place(m_quote, tr("Quote"), 3, 0);
    place(m_problem, tr("Problem"), 0, 1);
    place(m_solution, tr("Solution"), 1, 1);
    place(m_split, tr("Rows go to"), 2, 1);
    auto* checks = new QVBoxLayout;
    checks->setSpacing(4);
    checks->addWidget(m_header);
    checks->addWidget(m_duplicates);
    grid->addLayout(checks, 2, 3, 2, 2);
    grid->setColumnStretch(4, 1);
    connect_controls();
}

void ImportForm::connect_controls() {
    connect(m_format, &QComboBox::activated, this, [this] {
        m_wanted.format = static_cast<FileFormat>(m_format->currentData().toInt());
        m_wanted.problem.reset();
        m_wanted.solution.reset();
        Q_EMIT changed();
    });
    connect(m_encoding, &QComboBox::activated, this, [this] {
        m_wanted.encoding = m_encoding->currentText().toStdString();
        Q_EMIT changed();
    });
    // Other cells mean other columns: those chosen by name are guessed again.
    const auto reread_columns = [this] {
        m_wanted.problem.reset();
        m_wanted.solution.reset();
        Q_EMIT changed();
    };
    connect(m_delimiter, &QComboBox::activated, this, [this, reread_columns] {
        m_wanted.delimiter = m_delimiter->currentData().toChar().toLatin1();
        reread_columns();
    });
    connect(m_quote, &QComboBox::activated, this, [this, reread_columns] {
        m_wanted.quote = m_quote->currentData().toChar().toLatin1();
        reread_columns();
    });
    connect(m_header, &QCheckBox::clicked, this, [this, reread_columns](bool checked) {
        m_wanted.header = checked;
        reread_columns();
    });
    connect(m_problem, &QComboBox::activated, this, [this] {
        m_wanted.problem = m_problem->currentData().toString().toStdString();
        Q_EMIT changed();
    });
    connect(m_solution, &QComboBox::activated, this, [this] {
        m_wanted.solution = m_solution->currentData().toString().toStdString();
        Q_EMIT changed();
    });
    connect(m_duplicates, &QCheckBox::clicked, this, [this](bool checked) {
        m_wanted.keep_duplicates = checked;
        Q_EMIT changed();
    });
}

void ImportForm::reset() {
    m_wanted = {};
    m_duplicates->setChecked(false);
    m_split->setCurrentIndex(0);
}

std::optional<Split> ImportForm::forced_split() const {
    const int split = m_split->currentData().toInt();
    return split < 0 ? std::nullopt : std::optional(static_cast<Split>(split));
}

void ImportForm::show_guess(const ImportGuess& guess) {
    const ImportOptions& options = guess.options;
    const FileFormat format = options.format.value_or(FileFormat::Csv);
    choose_data(m_format, static_cast<int>(format));
    choose_text(m_encoding, QString::fromStdString(options.encoding.value_or("UTF-8")));
    const QChar delimiter = QLatin1Char(options.delimiter.value_or(','));
    if (m_delimiter->findData(delimiter) < 0) m_delimiter->addItem(QString(delimiter), delimiter);
    choose_data(m_delimiter, delimiter);
    choose_data(m_quote, QChar(QLatin1Char(options.quote.value_or('"'))));
    {
        const QSignalBlocker quiet(m_header);
        m_header->setChecked(options.header.value_or(true));
    }
    list_columns(m_problem, guess.columns, options.problem, true);
    list_columns(m_solution, guess.columns, options.solution, false);
    const bool csv = format == FileFormat::Csv;
    for (QWidget* control : {static_cast<QWidget*>(m_delimiter), static_cast<QWidget*>(m_quote), static_cast<QWidget*>(m_header)})
        control->setEnabled(csv);
    for (QComboBox* control : {m_problem, m_solution}) control->setEnabled(format != FileFormat::PlainText);
}

}  // namespace lossmith::ui

#include "moc_ImportForm.cpp"
