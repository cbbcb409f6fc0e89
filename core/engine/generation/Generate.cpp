#include "core/engine/generation/Generate.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>

#include <algorithm>
#include <atomic>
#include <random>

#include "core/engine/devices/Parallel.h"
#include "core/engine/generation/BeamSearch.h"
#include "core/engine/generation/KeyValueCache.h"
#include "core/engine/generation/LogitsProcessors.h"
#include "core/engine/generation/TextStream.h"
#include "core/engine/model/Distribution.h"

namespace lossmith::engine {
namespace {

constexpr std::int64_t most_texts_at_once = 128;
constexpr std::size_t least_prefix = 8;
constexpr std::int64_t most_cache_bytes = std::int64_t{3} << 29;  ///< of keys and values, as long as more than one text fits

/// A generator of a prompt's own, so that its draws do not depend on its neighbours.
std::mt19937_64 generator_for(std::uint64_t seed, std::size_t prompt) {
    return std::mt19937_64(seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(prompt) + 1);
}

/// A number in [0, 1) with 53 random bits; std::uniform_real_distribution differs between standard libraries.
double draw(std::mt19937_64& random) {
    return static_cast<double>(random() >> 11U) * 0x1.0p-53;
}

TokenId most_probable(std::span<const float> logits) {
    return static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

TokenId sample(std::span<const float> logits, std::mt19937_64& random) {
    const auto probabilities = softmax(logits);
    const double wanted = draw(random);
    double sum = 0.0;
    TokenId last = 0;
    for (std::size_t id = 0; id < probabilities.size(); ++id) {
        if (probabilities[id] <= 0.0F) continue;
        sum += static_cast<double>(probabilities[id]);
        last = static_cast<TokenId>(id);
        if (wanted < sum) break;
    }
    return last;
}

std::vector<TokenChoice> top_choices(const Distribution& plain, int k) {
    std::vector<TokenChoice> choices;
    for (const TokenId id : plain.most_probable(k)) choices.push_back({id, plain.probability(id)});
    return choices;
}

/// One prompt on its way.
struct Text {
    std::size_t prompt;
    std::vector<TokenId> history;  // prompt and generated
    std::int64_t room;             // tokens it may still generate
    std::mt19937_64 random;
    TextStream stream;
    GeneratedText result;
};

class Generation {
public:
    Generation(const StepWeights& weights, const Tokenizer& tokenizer, const GenerationRequest& request,
               const std::function<void(const TokenNews&)>& news)
        : m_weights(weights),
          m_model(weights.model()),
          m_tokenizer(tokenizer),
          m_request(request),
          m_news(news),
          m_end_token(request.sampling.stop_at_end_token ? m_model.config().eos_token_id.value_or(-1) : -1) {}

    Text begin(std::size_t prompt) const {
        std::vector<TokenId> ids = fitting_prompt(m_request.prompts[prompt], m_model);
        const auto room =
            std::min<std::int64_t>(m_request.sampling.max_new_tokens, m_model.config().n_positions - static_cast<std::int64_t>(ids.size()));
        return {prompt,
                std::move(ids),
                room,
                generator_for(m_request.sampling.seed, m_request.each_alone ? 0 : prompt),
                TextStream(m_tokenizer, m_request.sampling.stop_strings),
                {}};
    }

    /// How many texts go on side by side, and the tokens that each has room for.
    struct Room {
        std::size_t texts;
        std::int64_t tokens;
    };
    [[nodiscard]] Room room() const {
        const auto& config = m_model.config();
        std::size_t longest = 1;
        for (const auto& prompt : m_request.prompts) longest = std::max(longest, prompt.size());
        const std::int64_t tokens = std::min(static_cast<std::int64_t>(longest) + m_request.sampling.max_new_tokens, config.n_positions);
        const std::int64_t bytes_of_text = 2 * config.n_layer * config.n_embd * std::int64_t{sizeof(float)} * tokens;
        const auto texts = std::clamp<std::int64_t>(most_cache_bytes / bytes_of_text, 1, most_texts_at_once);
        return {std::min(static_cast<std::size_t>(texts), m_request.prompts.size()), tokens};
    }

    /// What all prompts begin with, each having more; nothing where it is too short to be worth a pass of its own.
    [[nodiscard]] std::span<const TokenId> shared_prefix() const {
        const auto& prompts = m_request.prompts;
        std::size_t count = prompts.front().size() - 1;
        for (const auto& prompt : prompts) {
            const auto end = std::ranges::mismatch(prompt, prompts.front()).in1;
            count = std::min({count, prompt.size() - 1, static_cast<std::size_t>(end - prompt.begin())});
        }
        const bool fits =
            prompts.front().size() <= static_cast<std::size_t>(m_model.config().n_positions - 1);  // else its end alone is read
        return std::span(prompts.front()).first(fits && prompts.size() > 1 && count >= least_prefix ? count : 0);
    }

    /// Takes in a token chosen from plain `logits`. False when the text has ended.
    bool accept(Text& text, TokenId id, const Distribution& plain) const {
        text.history.push_back(id);
        --text.room;
        text.result.ids.push_back(id);
        text.result.probabilities.push_back(plain.probability(id));
        if (m_request.top_k > 0) text.result.top.push_back(top_choices(plain, m_request.top_k));
        std::string fresh = id == m_end_token ? std::string{} : text.stream.push(id);
        if (id == m_end_token)
            text.result.stopped_by = "end_token";
        else if (text.stream.stopped())
            text.result.stopped_by = "stop_string";
        else if (text.room <= 0)
            text.result.stopped_by = "length";
        if (!text.result.stopped_by.empty()) fresh += text.stream.finish();
        if (m_news)
            m_news({text.prompt,
                    {id, text.result.probabilities.back()},
                    fresh,
                    text.result.top.empty() ? std::vector<TokenChoice>{} : text.result.top.back()});
        return text.result.stopped_by.empty();
    }

    /// `room` is kept from one row to the next.
    TokenId choose(Text& text, const Distribution& plain, std::vector<float>& room) const {
        const SamplingConfig& sampling = m_request.sampling;
        const auto is_on = [&sampling](const LogitsFilter& rule) { return rule.is_on(sampling); };
        if (!sampling.do_sample && std::ranges::none_of(history_rules(), is_on)) return plain.most_probable(1).front();
        room.assign(plain.logits().begin(), plain.logits().end());
        apply_history_rules(room, text.history, sampling);
        if (!sampling.do_sample) return most_probable(room);
        apply_sampling_filters(room, sampling);
        return sample(room, text.random);
    }

    /// The next token of each running text: a vocabulary's worth of exponentials a row, so the rows are shared among the threads.
    Result<std::vector<std::pair<TokenId, Distribution>>> choose_all(std::vector<Text>& texts, const std::vector<std::size_t>& running,
                                                                     const at::Tensor& logits) const {
        const auto width = static_cast<std::size_t>(logits.size(1));
        std::vector<std::pair<TokenId, Distribution>> choices(running.size());
        std::atomic<bool> finite = true;
        parallel_for(0, static_cast<std::int64_t>(running.size()), 1, [&](std::int64_t begin, std::int64_t end) {
            std::vector<float> room;
            for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
                const Distribution plain({logits.data_ptr<float>() + row * width, width});
                if (!plain.finite()) {
                    finite = false;
                    continue;
                }
                choices[row] = {choose(texts[running[row]], plain, room), plain};
            }
        });
        if (!finite)
            return failure(Error::not_finite("The model's logits are not finite numbers, so no text can be generated from it.")
                               .with_hint("Its weights are damaged, or its training diverged; choose an earlier checkpoint."));
        return choices;
    }

    /// All prompts, as many side by side as there is room for: a text that ends leaves its place to the next.
    Status run(std::vector<Text>& texts, const CancellationToken& cancelled) const {
        const Room most = room();
        const std::span<const TokenId> prefix = shared_prefix();
        KeyValueCache cache(m_weights, static_cast<std::int64_t>(most.texts) + (prefix.empty() ? 0 : 1), most.tokens);
        if (!prefix.empty()) cache.read_prefix(prefix);
        std::size_t next = 0;
        std::vector<std::size_t> running;
        at::Tensor logits;
        while (true) {
            // Few prompts are read in hardly less time than some more, so that several places are left free before they are filled.
            if (const std::size_t wanted = std::min(cache.free_slots(), texts.size() - next);
                wanted > 0 && (running.empty() || wanted >= most.texts / 8 || next + wanted == texts.size())) {
                std::vector<std::vector<TokenId>> prompts;
                for (const std::size_t end = next + wanted; next < end; ++next) {
                    prompts.push_back(texts[next].history);
                    running.push_back(next);
                }
                const at::Tensor fresh = cache.read_prompts(prompts);
                logits = logits.defined() ? at::cat({logits, fresh}) : fresh;
            }
            if (cancelled.is_cancelled()) return failure(Error::cancelled());
            std::vector<std::size_t> still;
            std::vector<std::int64_t> kept;
            std::vector<TokenId> tokens;
            const auto choices = LOSSMITH_TRY(choose_all(texts, running, logits));
            for (std::size_t row = 0; row < running.size(); ++row) {
                if (!accept(texts[running[row]], choices[row].first, choices[row].second)) continue;
                still.push_back(running[row]);
                kept.push_back(static_cast<std::int64_t>(row));
                tokens.push_back(choices[row].first);
            }
            if (still.size() != running.size()) cache.keep(kept);
            running = std::move(still);
            logits = running.empty() ? at::Tensor() : cache.step(tokens);
            if (running.empty() && next == texts.size()) return {};
        }
    }

    /// Beam search decides the whole text first; its tokens are then read once more for their probabilities.
    Status run_beams(Text& text, const CancellationToken& cancelled) const {
        const auto ids = LOSSMITH_TRY(beam_search(m_weights, text.history, m_request.sampling, text.room, cancelled));
        KeyValueCache cache(m_weights, 1, static_cast<std::int64_t>(text.history.size() + ids.size()));
        at::Tensor logits = cache.read_prompts({&text.history, 1});
        for (const TokenId id : ids) {
            if (!accept(text, id, Distribution({logits.data_ptr<float>(), static_cast<std::size_t>(logits.size(1))}))) break;
            if (text.result.ids.size() < ids.size()) logits = cache.step({&id, 1});
        }
        if (text.result.stopped_by.empty()) text.result.stopped_by = "length";
        return {};
    }

private:
    const StepWeights& m_weights;
    const Gpt2& m_model;
    const Tokenizer& m_tokenizer;
    const GenerationRequest& m_request;
    const std::function<void(const TokenNews&)>& m_news;
    std::int64_t m_end_token;
};

}  // namespace

std::vector<TokenId> fitting_prompt(std::vector<TokenId> ids, const Gpt2& model) {
    const auto longest = static_cast<std::size_t>(model.config().n_positions - 1);
    if (ids.size() > longest) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(longest));
    return ids;
}

Result<std::vector<GeneratedText>> generate(const StepWeights& weights, const Tokenizer& tokenizer, const GenerationRequest& request,
                                            const std::function<void(const TokenNews&)>& news, const CancellationToken& cancelled) {
    const at::NoGradGuard no_graph;
    const Gpt2& model = weights.model();
    if (auto wrong = request.sampling.validate(); !wrong.empty()) return failure(std::move(wrong.front()));
    for (std::size_t i = 0; i < request.prompts.size(); ++i) {
        if (request.prompts[i].empty())
            return failure(Error::bad_input("Prompt " + std::to_string(i + 1) + " is empty.")
                               .with_hint("Type some text, or give the template a start token."));
        for (const TokenId id : request.prompts[i])
            if (id < 0 || id >= model.config().vocab_size)
                return failure(Error::bad_input("Prompt " + std::to_string(i + 1) + " holds token " + std::to_string(id) +
                                                ", which the model does not have."));
    }
    const Generation generation(weights, tokenizer, request, news);
    std::vector<GeneratedText> results;
    if (request.prompts.empty()) return results;
    std::vector<Text> texts;
    for (std::size_t prompt = 0; prompt < request.prompts.size(); ++prompt) texts.push_back(generation.begin(prompt));
    if (request.sampling.num_beams > 1) {
        for (Text& text : texts) LOSSMITH_CHECK(generation.run_beams(text, cancelled));
    } else {
        LOSSMITH_CHECK(generation.run(texts, cancelled));
    }
    for (Text& text : texts) {
        text.result.text = text.stream.text();
        results.push_back(std::move(text.result));
    }
    return results;
}

Result<std::vector<GeneratedText>> generate(const Gpt2& model, const Tokenizer& tokenizer, const GenerationRequest& request,
                                            const std::function<void(const TokenNews&)>& news, const CancellationToken& cancelled) {
    return generate(StepWeights(model, precision_named(request.sampling.precision)), tokenizer, request, news, cancelled);
}

Result<std::vector<GeneratedText>> generate(const LoadedModel& model, const GenerationRequest& request,
                                            const std::function<void(const TokenNews&)>& news, const CancellationToken& cancelled) {
    return generate(*step_weights(model, precision_named(request.sampling.precision)), *model.tokenizer, request, news, cancelled);
}

}  // namespace lossmith::engine
