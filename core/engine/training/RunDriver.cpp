#include "core/engine/training/RunDriver.h"

#include <ATen/Parallel.h>
#include <torch/csrc/api/include/torch/version.h>

#include <algorithm>

#include "core/base/Resources.h"
#include "core/base/Version.h"
#include "core/engine/comparison/TrainingCopies.h"
#include "core/engine/devices/Devices.h"
#include "core/engine/devices/Machine.h"
#include "core/engine/devices/Visibility.h"
#include "core/engine/distributed/LocalRanks.h"
#include "core/engine/distributed/Ranks.h"
#include "core/engine/distributed/World.h"
#include "core/engine/loss/LoadedArguments.h"
#include "core/engine/model/AdapterFolder.h"
#include "core/engine/model/Checkpoint.h"
#include "core/engine/model/Product.h"
#include "core/engine/model/TorchErrors.h"
#include "core/engine/reward/Reward.h"
#include "core/engine/training/Dataset.h"
#include "core/engine/training/ProjectRecord.h"
#include "core/engine/training/SharedRun.h"
#include "core/project/DataStore.h"
#include "core/project/RunStore.h"

namespace lossmith::engine {
namespace {

namespace fs = std::filesystem;

/// The checkpoint to go on from: the newest whose files are whole.
Result<std::optional<lossmith::Checkpoint>> newest_checkpoint(Project& project, std::int64_t run) {
    auto checkpoints = LOSSMITH_TRY(project.runs().checkpoints(run));
    std::sort(checkpoints.begin(), checkpoints.end(), [](const auto& a, const auto& b) { return a.step > b.step; });
    const fs::path beside = project.folder();
    for (const auto& checkpoint : checkpoints) {
        const auto digest = weights_digest(beside / checkpoint.path);
        std::error_code code;
        if (digest && *digest == checkpoint.sha256 && fs::exists(beside / checkpoint.path / "training_state.json", code)) return checkpoint;
        LOSSMITH_CHECK(project.runs().add_event(
            run, checkpoint.step, "checkpoint_damaged",
            "The checkpoint of step " + std::to_string(checkpoint.step) + " is missing or damaged and was passed over."));
    }
    return std::nullopt;
}

Status tell_about_data(ProjectRecord& record, const PreparedData& data) {
    if (!data.unlabelled_rows.empty())
        LOSSMITH_CHECK(record.event(0, "unlabelled_row",
                                    std::to_string(data.unlabelled_rows.size()) +
                                        " rows have no labelled token and were left out; the first is row " +
                                        std::to_string(data.unlabelled_rows.front()) + "."));
    if (data.truncated_rows > 0)
        LOSSMITH_CHECK(record.event(
            0, "truncated",
            std::to_string(data.truncated_rows) + " of " + std::to_string(data.rows) + " rows are longer than max_length and were cut."));
    return {};
}

/// An added token can be learnt only by its embedding.
Status tell_of_tokens_that_stay(ProjectRecord& record, const RunConfig& config) {
    const bool stay = config.lora || config.freeze_embeddings;
    if (!stay || !config.template_spec || config.template_spec->added_tokens.empty()) return {};
    return record.event(0, "added_tokens",
                        std::string("The added tokens keep the embeddings that they begin with, since ") +
                            (config.lora ? "LoRA leaves all embeddings as they are" : "freeze_embeddings is on") +
                            "; as parts of the prompt or the end they cannot be told apart from one another.");
}

/// A loss's files are read anew when a run goes on; others than at its start are no reason to stop, but to be told.
Status tell_of_other_files(ProjectRecord& record, const Run& run, std::int64_t step) {
    const Json now = LOSSMITH_TRY(digests_of_files(run.config.loss.parameters));
    const auto before = run.provenance.find("loss_files");
    if (now.empty() || before == run.provenance.end() || *before == now) return {};
    return record.event(step, "loss_files",
                        "A file that the loss is given has changed since the run began; it goes on with what the file holds now.");
}

/// Where a run computes, and what its process sees of the machine.
struct Place {
    Device device;
    std::string visible_cards;
    int ranks = 1;
};

Status write_provenance(Project& project, const Run& run, const LoadedModel& base, const PreparedData& data, const Place& place) {
    Json provenance = run.provenance.is_object() ? run.provenance : Json::object();
    provenance["data"] = LOSSMITH_TRY(project.data().digest());
    provenance["model_folder"] = base.folder.string();
    provenance["model_sha256"] = LOSSMITH_TRY(weights_digest(base.folder));
    if (const Json files = LOSSMITH_TRY(digests_of_files(run.config.loss.parameters)); !files.empty()) provenance["loss_files"] = files;
    provenance["lossmith"] = version();
    provenance["torch"] = TORCH_VERSION;
    provenance["threads"] = at::get_num_threads();
    provenance["ranks"] = place.ranks;
    provenance["micro_batches_per_step"] = run.config.gradient_accumulation_steps;
    provenance["device"] = place.device.name;
    provenance["cuda_visible_devices"] = place.visible_cards;
    if (!place.device.driver.empty()) provenance["driver"] = place.device.driver;
    provenance["rows"] = data.rows;
    provenance["tokens"] = data.tokens;
    provenance["labelled_tokens"] = data.labelled_tokens;
    return project.runs().set_provenance(run.id, provenance);
}

/// A card that is taken or too small says so here first.
Status put_on(Gpt2& model, at::Device device) {
    Status status = without_exceptions([&]() -> Status {
        model.move_to(device);
        return {};
    });
    if (!status && status.error().kind == ErrorKind::OutOfMemory && !device.is_cpu())
        return failure(Error::out_of_memory("The model does not fit into the free memory of the graphics card.")
                           .with_hint("See `lossmith-cli devices` for what is free; choose another card or a smaller model."));
    return status;
}

/// However this process leaves a run, the others are told: in order at its end, else that it is gone.
class Farewell {
public:
    explicit Farewell(Ranks* ranks) : m_ranks(ranks) {}
    ~Farewell() {
        if (m_ranks != nullptr) m_ranks->leave("the run ended");
    }
    Farewell(const Farewell&) = delete;
    Farewell& operator=(const Farewell&) = delete;

private:
    Ranks* m_ranks;
};

/// The processes that compute a run, and those of them that this one started.
struct Company {
    std::optional<LocalRanks> started;  // outlives the ranks, whose end ends them
    std::unique_ptr<Ranks> ranks;       // null: this process is alone
    [[nodiscard]] int size() const { return ranks ? ranks->size() : 1; }
};

/// `world`: what a launcher says; nothing where none started this process.
Result<Company> assemble(const RunConfig& config, const std::optional<World>& world) {
    Company company;
    if (world) {
        if (config.nproc_per_node > 1)
            return failure(Error::bad_input("`nproc_per_node` is " + std::to_string(config.nproc_per_node) +
                                            ", but a launcher has started this run's processes already.")
                               .with_hint("Leave nproc_per_node at 1 under torchrun, srun or mpirun."));
        if (config.reward) return failure(Error::unsupported("A run by reward computes in one process.").with_hint("Start it alone."));
        company.ranks = LOSSMITH_TRY(Ranks::open(*world));
        LOSSMITH_CHECK(company.ranks->meet(config.devices));
    } else if (config.processes() > 1) {
        World local{0, config.processes(), "127.0.0.1", 0};
        company.ranks = LOSSMITH_TRY(Ranks::open(local));
        local.port = static_cast<std::uint16_t>(company.ranks->port());
        LocalRanks started = LOSSMITH_TRY(LocalRanks::start(local));
        company.started.emplace(std::move(started));
        LOSSMITH_CHECK(company.ranks->meet(config.devices));
    }
    return company;
}

/// A step has as many micro-batches as at the run's start, whatever the number of processes that it goes on with.
void keep_step_size(Run& run, int ranks) {
    const auto recorded = run.provenance.find("micro_batches_per_step");
    const bool known = recorded != run.provenance.end() && recorded->is_number_integer();
    run.config.gradient_accumulation_steps = known ? recorded->get<int>() : run.config.gradient_accumulation_steps * ranks;
}

/// The adapter of a run's checkpoint, beside the base that it was trained beside.
Status take_adapter(LoadedModel& base, const fs::path& checkpoint) {
    const AdapterBase recorded = LOSSMITH_TRY(read_adapter_base(checkpoint));
    LOSSMITH_CHECK(check_base(recorded, base.folder));
    LoraAdapter adapter = LOSSMITH_TRY(read_adapter(checkpoint, base.model.config()));
    adapter.base = recorded;
    base.model.set_adapter(std::move(adapter));
    return {};
}

Result<TrainingOutcome> train(Project& project, Run run, const RunStart& start, const CancellationToken& cancelled,
                              const ProgressSink& progress) {
    const bool resume = start.resume;
    if (start.processes) {
        run.config.nproc_per_node = *start.processes;
        if (auto errors = run.config.validate(); !errors.empty()) return failure(std::move(errors.front()));
    }
    const std::optional<World> world = LOSSMITH_TRY(world_from_environment());
    const std::string visible = LOSSMITH_TRY(show_only(run.config.devices, world.has_value()));
    set_up_cpu(threads_of_rank(run.config.threads, run.config.processes()));
    Company company = LOSSMITH_TRY(assemble(run.config, world));
    const Farewell farewell(company.ranks.get());
    keep_step_size(run, company.size());
    const Place place{LOSSMITH_TRY(device_of_run(run.config.devices, world ? world->local_rank : 0)), visible, company.size()};
    const at::Device device(place.device.id);
    ProjectRecord record(project, run.id);

    std::optional<lossmith::Checkpoint> from;
    if (resume) from = LOSSMITH_TRY(newest_checkpoint(project, run.id));
    LOSSMITH_CHECK(project.runs().rewind(run.id, from ? from->step : -1));
    // After the rewinding, which takes the events of an earlier attempt away.
    for (const std::string& warning : device_warnings()) LOSSMITH_CHECK(record.event(0, "device", warning));
    const MatmulPrecision precision(run.config.float32_matmul_precision, device);
    if (run.config.bf16 && !multiplies_bf16(place.device)) {
        run.config.bf16 = false;
        LOSSMITH_CHECK(record.event(0, "device",
                                    std::string(device.is_cpu() ? "This processor" : "This graphics card") +
                                        " has no bfloat16 instructions; the run is computed in full precision, which is faster here."));
    }

    LoadedModel base = LOSSMITH_TRY(model_for(project, run.config));
    if (!from) {
        LOSSMITH_CHECK(make_trainable(base, run.config));
    } else if (run.config.lora) {
        LOSSMITH_CHECK(take_adapter(base, project.folder() / from->path));
    } else {
        base = LOSSMITH_TRY(load_model(project.folder() / from->path));
        if (run.config.dropout) base.model.set_dropout(*run.config.dropout);
    }
    if (from) LOSSMITH_CHECK(tell_of_other_files(record, run, from->step));
    PreparedData data = LOSSMITH_TRY(prepare_data(project, run.config, *base.tokenizer, base.model.config().n_positions, cancelled));
    const auto loss = LOSSMITH_TRY(make_loss(run.config.loss, setting_for(base)));
    LOSSMITH_CHECK(put_on(base.model, device));
    if (!from) {
        LOSSMITH_CHECK(tell_about_data(record, data));
        LOSSMITH_CHECK(tell_of_tokens_that_stay(record, run.config));
        LOSSMITH_CHECK(write_provenance(project, run, base, data, place));
        LOSSMITH_CHECK(record.event(0, "started",
                                    "Started from " + run.config.model + " on " + std::to_string(data.set.train.size()) + " examples, " +
                                        std::to_string(at::get_num_threads()) + " threads" +
                                        (device.is_cpu() ? "" : ", on " + place.device.name) +
                                        (company.ranks ? ", in " + std::to_string(company.size()) + " processes" : "") + "."));
    }
    std::optional<CopyIndex> training_texts;
    std::unique_ptr<Reward> reward;
    if (run.config.reward) {
        const TrainingTexts when_asked_for = [&]() -> Result<const CopyIndex*> {
            if (!training_texts) training_texts = LOSSMITH_TRY(training_copies(project));
            return &*training_texts;
        };
        reward = LOSSMITH_TRY(Reward::create(*run.config.reward, base.tokenizer.get(), when_asked_for, nullptr, cancelled));
    }
    // The base that a loss or a reward compares with stays as it was when the run began.
    std::optional<LoadedModel> frozen;
    if (loss->needs().base_logits || (run.config.reward && run.config.reward->beta > 0.0)) {
        if (run.config.lora)  // which does not move the weights that it stands beside
            frozen = LoadedModel{base.model.without_adapter(), base.tokenizer, base.folder, {}};
        else
            frozen = LOSSMITH_TRY(model_for(project, run.config));
    }
    if (frozen && !run.config.lora) LOSSMITH_CHECK(put_on(frozen->model, device));
    const Objective objective(*loss, frozen ? &frozen->model : nullptr, reward.get());
    Trainer trainer(base.model, *base.tokenizer, objective, std::move(data.set), run.config, project.run_folder(run.id), record,
                    company.ranks.get());
    if (from) {
        std::vector<lossmith::Checkpoint> earlier;
        for (auto& checkpoint : LOSSMITH_TRY(project.runs().checkpoints(run.id)))
            if (checkpoint.step <= from->step) earlier.push_back(std::move(checkpoint));
        LOSSMITH_CHECK(trainer.resume_from(project.folder() / from->path, std::move(earlier)));
        LOSSMITH_CHECK(record.event(from->step, "resumed", "Resumed from the checkpoint of step " + std::to_string(from->step) + "."));
    }
    if (company.ranks) LOSSMITH_CHECK(trainer.share_out(base, frozen ? &*frozen : nullptr));
    auto outcome = trainer.run(cancelled, progress);
    if (outcome && outcome->status != RunStatus::Failed && company.ranks) LOSSMITH_CHECK(order_end(*company.ranks));
    return outcome;
}

}  // namespace

int threads_of_rank(int threads, int processes) {
    if (threads > 0) return threads;
    return std::max(1, read_machine().cores / std::max(processes_here(), processes));
}

Status serve_as_rank() {
    if (!end_with_parent()) return failure(Error::cancelled());
    const std::optional<World> world = LOSSMITH_TRY(world_from_environment());
    if (!world || world->rank == 0)
        return failure(Error::bad_input("This is no other process of a run: RANK is not set, or 0.")
                           .with_hint("`lossmith-cli train` with nproc_per_node starts them by itself."));
    set_up_cpu(threads_of_rank(0, 1));
    const auto ranks = LOSSMITH_TRY(Ranks::join(*world));
    return work_as_rank(*ranks);
}

LossSetting setting_for(const LoadedModel& model) {
    return {model.model.config().vocab_size, model.model.config().n_embd, model.tokenizer.get()};
}

Result<LoadedModel> model_for(Project& project, const RunConfig& config) {
    const fs::path folder = LOSSMITH_TRY(find_model(config.model, &project));
    LoadedModel loaded = LOSSMITH_TRY(load_model(folder));
    loaded.model = loaded.model.merged();
    if (config.template_spec && !config.template_spec->added_tokens.empty()) {
        loaded.tokenizer = loaded.tokenizer->with_added_tokens(config.template_spec->added_tokens);
        engine::Checkpoint checkpoint = loaded.model.to_checkpoint();
        if (loaded.tokenizer->size() > checkpoint.config.vocab_size) {
            const NewRows rows{config.template_spec->added_tokens_init == AddedTokensInit::Random, config.seed};
            LOSSMITH_CHECK(grow_vocabulary(checkpoint, loaded.tokenizer->size(), rows));
            loaded.model = Gpt2::from_checkpoint(checkpoint);
        }
    }
    if (config.dropout) loaded.model.set_dropout(*config.dropout);
    return loaded;
}

Status make_trainable(LoadedModel& base, const RunConfig& config) {
    const std::int64_t layers = base.model.config().n_layer;
    if (config.freeze_layers > (config.lora ? layers - 1 : layers))
        return failure(Error::bad_input("`freeze_layers` is " + std::to_string(config.freeze_layers) + ", but the model has " +
                                        std::to_string(layers) + " layers" + (config.lora ? ", of which LoRA needs one." : "."))
                           .with_hint("Freeze fewer layers."));
    if (!config.lora) return {};
    LoraAdapter adapter = new_adapter(base.model.config(), *config.lora, config.freeze_layers, config.seed);
    const auto starter = resource("starter-model");
    const bool shipped = starter && *starter == base.folder;
    adapter.base.model = shipped ? "starter" : fs::absolute(base.folder).lexically_normal().string();
    adapter.base.sha256 = LOSSMITH_TRY(weights_digest(base.folder));
    if (config.template_spec && !config.template_spec->added_tokens.empty()) {
        adapter.base.vocab_size = base.model.config().vocab_size;
        adapter.base.random_rows = config.template_spec->added_tokens_init == AddedTokensInit::Random;
        adapter.base.seed = config.seed;
    }
    base.model.set_adapter(std::move(adapter));
    return {};
}

Result<TrainingOutcome> drive_run(Project& project, std::int64_t run, const RunStart& start, const CancellationToken& cancelled,
                                  const ProgressSink& progress) {
    LOSSMITH_CHECK(project.runs().claim(run));
    const Run recorded = LOSSMITH_TRY(project.runs().run(run));
    auto outcome = train(project, recorded, start, cancelled, progress);
    if (!outcome) {
        const bool stopped = outcome.error().kind == ErrorKind::Cancelled;
        const std::string message = describe(outcome.error()) + (outcome.error().hint.empty() ? "" : " " + outcome.error().hint);
        // The first error is the one to tell, whether or not the project can still be written.
        static_cast<void>(project.runs().add_event(run, recorded.step, stopped ? "stopped" : "failed", message));
        static_cast<void>(project.runs().set_status(run, stopped ? RunStatus::Stopped : RunStatus::Failed, message));
        return outcome;
    }
    if (outcome->status == RunStatus::Stopped) LOSSMITH_CHECK(project.runs().add_event(run, outcome->steps, "stopped", outcome->message));
    if (outcome->status == RunStatus::Finished)
        LOSSMITH_CHECK(
            project.runs().add_event(run, outcome->steps, "finished",
                                     "Finished all " + std::to_string(outcome->steps) + " steps. " + in_a_sentence(outcome->spent)));
    LOSSMITH_CHECK(project.runs().set_status(run, outcome->status, outcome->message));
    return outcome;
}

}  // namespace lossmith::engine
