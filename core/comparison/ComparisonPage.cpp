#include "core/comparison/ComparisonPage.h"

#include <array>
#include <charconv>

#include "core/comparison/WordDiff.h"
#include "core/comparison/Words.h"

namespace lossmith {
namespace {

constexpr const char* page_style = R"css(
:root{color-scheme:light dark;--w:#f4f5f7;--p:#fff;--b:#dde1e7;--t:#1b2330;--m:#5b6678;--base:#6558c9;--tuned:#0a7d70;--bad:#c02f49;--bads:#fdecef;--ok:#1f7a43;--a:#2f6fed}
@media(prefers-color-scheme:dark){:root{--w:#14171c;--p:#1b1f26;--b:#2d333d;--t:#e4e8ee;--m:#9aa5b6;--base:#a79bff;--tuned:#3fd0b8;--bad:#ff8a9c;--bads:#3a2029;--ok:#5ccf88;--a:#79a7ff}}
*{box-sizing:border-box}body{margin:0 auto;max-width:1500px;padding:24px;font:14px/1.5 system-ui,sans-serif;background:var(--w);color:var(--t)}
h1{font-size:20px;margin:0 0 4px}.m{color:var(--m)}.base{color:var(--base)}.tuned{color:var(--tuned)}.ok{color:var(--ok)}.bad{color:var(--bad)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(210px,1fr));gap:12px;margin:20px 0}
.card,.table{background:var(--p);border:1px solid var(--b);border-radius:8px;padding:12px}.card h2{font-size:13px;margin:0;color:var(--m);font-weight:600}
.card div{font-size:22px}.card small span{white-space:nowrap}.card small{display:block;color:var(--m);font-size:12px}.table{overflow-x:auto;padding:0}
table{border-collapse:collapse;width:100%;min-width:900px}th,td{padding:8px 12px;border-bottom:1px solid var(--b);text-align:left;vertical-align:top;overflow-wrap:anywhere}
tr:last-child td{border-bottom:0}td{white-space:pre-wrap;unicode-bidi:isolate}th{font-size:12px;color:var(--m);font-weight:600;position:sticky;top:0;background:var(--p);white-space:nowrap}
th button{all:unset;cursor:pointer}th button:focus-visible,input:focus-visible{outline:2px solid var(--a);outline-offset:2px;border-radius:3px}
th[aria-sort=ascending] button::after{content:" ▴"}th[aria-sort=descending] button::after{content:" ▾"}
.num{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}td.text{width:22%}ins{text-decoration:none;background:var(--bads);color:var(--bad);border-radius:3px}
input{font:inherit;padding:6px 10px;border:1px solid var(--b);border-radius:6px;background:var(--p);color:var(--t);width:min(360px,100%);margin-bottom:12px}
@media print{.table{overflow:visible}input{display:none}}
)css";

constexpr const char* page_script = R"js(
const body=document.querySelector("tbody"),heads=[...document.querySelectorAll("th")];
const value=(row,i)=>{const c=row.cells[i],n=c.dataset.v;return n===undefined?c.textContent.toLowerCase():n===""?-Infinity:+n};
heads.forEach((head,i)=>head.querySelector("button").addEventListener("click",()=>{
const down=head.getAttribute("aria-sort")!=="descending";heads.forEach(h=>h.removeAttribute("aria-sort"));
head.setAttribute("aria-sort",down?"descending":"ascending");
[...body.rows].sort((a,b)=>{const x=value(a,i),y=value(b,i);return(x<y?-1:x>y?1:0)*(down?-1:1)}).forEach(r=>body.append(r))}));
document.querySelector("input").addEventListener("input",e=>{const q=e.target.value.toLowerCase();
for(const r of body.rows)r.hidden=!r.textContent.toLowerCase().includes(q)});
)js";

/// With a point whatever the locale.
std::string fixed(double value, int decimals) {
    std::array<char, 400> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals);
    return {digits.data(), written.ptr};
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : valid_utf8(text)) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            case '\'': result += "&#39;"; break;
            default:
                // HTML has no place for control characters; they are shown rather than lost.
                if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r')
                    result += "\xEF\xBF\xBD";
                else
                    result += c;
        }
    }
    return result;
}

/// A generated text with the words that `reference` does not have at their place marked.
std::string marked(const std::string& text, const std::string& reference, bool mark) {
    if (!mark) return escaped(text);
    std::string result;
    for (const DiffSpan& span : word_diff(reference, text)) {
        if (span.kind == DiffKind::OnlyFirst) continue;
        const auto piece = std::string_view(text).substr(span.second.begin, span.second.end - span.second.begin);
        const auto word = trimmed(piece);
        if (span.kind == DiffKind::Same || word.empty()) {
            result += escaped(piece);
            continue;
        }
        const auto offset = static_cast<std::size_t>(word.data() - piece.data());
        result += escaped(piece.substr(0, offset)) + "<ins>" + escaped(word) + "</ins>" + escaped(piece.substr(offset + word.size()));
    }
    return result;
}

/// One score: the base's mean, and each tuned model's with its interval and p-value.
std::string card(const Comparison& comparison, const ScoreKind& kind) {
    const auto interval = [&](const Interval& of) { return shown_score(kind, of.low) + " – " + shown_score(kind, of.high); };
    std::string numbers;
    std::string lines;
    for (std::size_t i = 0; i < comparison.summaries.size(); ++i) {
        const auto found = comparison.summaries[i].find(kind.name);
        if (found == comparison.summaries[i].end()) continue;
        const ScoreSummary& summary = found->second;
        if (numbers.empty()) {
            numbers = "<span class=base>" + shown_score(kind, summary.base.mean) + "</span> <span class=m>→</span>";
            lines = "<small>95 % interval <span class=base>" + interval(summary.base) + "</span></small>";
        }
        numbers += " <span class=tuned>" + shown_score(kind, summary.tuned.mean) + "</span>";
        lines += "<small>" + (comparison.summaries.size() > 1 ? escaped(comparison.models[i + 1]) + ": " : std::string()) +
                 "<span class=tuned>" + interval(summary.tuned) + "</span>, " + escaped(shown_p(summary.p)) + ", paired, " +
                 std::to_string(summary.rows) + (summary.rows == 1 ? " row" : " rows") + "</small>";
    }
    if (numbers.empty()) return {};
    return std::string("<section class=card title=\"") + escaped(kind.meaning) + "\"><h2>" + escaped(kind.title) + "</h2><div>" + numbers +
           "</div>" + lines + (kind.better == BetterWhen::Lower ? "<small>lower is better</small>" : "") + "</section>\n";
}

std::string number_cell(const std::optional<double>& value, bool gain) {
    if (!value) return "<td class=num data-v=\"\"></td>";
    const char* colour = gain && *value >= 0.005 ? " ok" : gain && *value <= -0.005 ? " bad" : "";
    return std::string("<td class=\"num") + colour + "\" data-v=\"" + fixed(*value, 6) + "\">" + (gain && *value >= 0 ? "+" : "") +
           fixed(*value, 2) + "</td>";
}

std::string table_row(const ComparisonRow& row) {
    const bool known = !trimmed(row.solution).empty();
    const ScoreKind& rouge = *find_score_kind("rouge_l");
    const auto text_cell = [](const std::string& content, const char* colour = "") {
        return std::string("<td class=\"text ") + colour + "\" dir=auto>" + content + "</td>";
    };
    // A story shares next to nothing with a solution: marking every word of it would say nothing.
    const auto worth_marking = [&](const ComparedText& text) { return known && text.scores.rouge_l.value_or(0) >= 0.3; };
    std::string html = "<tr>" + text_cell(escaped(row.problem.empty() ? row.prompt : row.problem));
    for (std::size_t i = 0; i < row.texts.size(); ++i)
        html += text_cell(marked(std::string(trimmed(row.texts[i].text)), row.solution, worth_marking(row.texts[i])),
                          i == 0 ? "base" : "tuned");
    html += text_cell(escaped(row.solution));
    for (std::size_t i = 1; i < row.texts.size(); ++i)
        html += number_cell(row.texts[i].scores.rouge_l, false) + number_cell(gain_of(row, i, rouge), true);
    return html + "</tr>\n";
}

std::string table_head(const Comparison& comparison) {
    const bool several = comparison.models.size() > 2;
    const auto cell = [](const std::string& kind, const std::string& text) {
        return "<th" + kind + "><button>" + escaped(text) + "</button></th>";
    };
    std::string html = cell("", "problem");
    for (std::size_t i = 0; i < comparison.models.size(); ++i)
        html += cell(i == 0 ? " class=base" : " class=tuned", i == 0 ? "base" : several ? comparison.models[i] : "tuned");
    html += cell("", "true solution");
    for (std::size_t i = 1; i < comparison.models.size(); ++i) {
        const std::string of = several ? " of " + comparison.models[i] : "";
        html += cell(" class=num", "ROUGE-L" + of) + cell(" class=num", "gain" + of);
    }
    return html;
}

/// "starter → run 7, run 8", each in its colour.
std::string title_of(const Comparison& comparison) {
    std::string html;
    for (std::size_t i = 0; i < comparison.models.size(); ++i) {
        if (i > 0) html += i == 1 ? " <span class=m>→</span> " : ", ";
        html += std::string(i == 0 ? "<span class=base>" : "<span class=tuned>") + escaped(comparison.models[i]) + "</span>";
    }
    return html;
}

}  // namespace

std::string shown_score(const ScoreKind& kind, double value) {
    switch (kind.unit) {
        case ScoreUnit::Share: return fixed(100 * value, 0) + " %";
        case ScoreUnit::Ratio:
        case ScoreUnit::Nats: return fixed(value, 2);
        case ScoreUnit::Count: return fixed(value, 1);
    }
    return {};
}

std::string shown_p(double p) {
    if (p < 0.001) return "p < 0.001";
    return "p = " + fixed(p, p < 0.1 ? 3 : 2);
}

std::string comparison_page(const Comparison& comparison) {
    std::string names;
    for (const std::string& model : comparison.models) names += (names.empty() ? "" : ", ") + escaped(model);
    std::string html =
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
        "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n<title>" +
        names + " – Lossmith</title>\n<style>" + page_style + "</style></head><body>\n<h1>" + title_of(comparison) +
        "</h1>\n<div class=m>" + escaped(comparison.note) + "</div>\n<div class=cards>\n";
    for (const ScoreKind& kind : score_kinds()) html += card(comparison, kind);
    html +=
        "</div>\n<input type=search placeholder=\"Show rows that hold…\" aria-label=\"Show rows that hold\">\n<div "
        "class=table><table><thead><tr>" +
        table_head(comparison) + "</tr></thead><tbody>\n";
    for (const ComparisonRow& row : comparison.rows) html += table_row(row);
    return html + "</tbody></table></div>\n<p class=m>Marked: words that are not in the true solution at their place.</p>\n<script>" +
           page_script + "</script></body></html>\n";
}

}  // namespace lossmith
