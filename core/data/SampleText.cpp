#include "core/data/SampleText.h"

#include <fstream>

#include "core/data/TextSource.h"

namespace lossmith {

Result<SampleText> read_sample(const std::filesystem::path& path, const std::string& encoding, const CancellationToken& cancelled) {
    TextSource source = LOSSMITH_TRY(TextSource::open(path, encoding, cancelled));
    SampleText sample;
    while (source.file_bytes_read() < static_cast<std::int64_t>(sample_bytes)) {
        if (!LOSSMITH_TRY(source.refill())) {
            sample.whole = true;
            break;
        }
        sample.text.append(source.window());
        source.take(source.window().size());
    }
    return sample;
}

Result<SampleText> read_sample_bytes(const std::filesystem::path& path) {
    // Opened as text first for its checks: a plain file that exists and may be read.
    LOSSMITH_CHECK(TextSource::open(path, "UTF-8", {}));
    std::ifstream file(path, std::ios::binary);
    SampleText sample;
    sample.text.resize(sample_bytes);
    file.read(sample.text.data(), static_cast<std::streamsize>(sample_bytes));
    sample.text.resize(static_cast<std::size_t>(file.gcount()));
    sample.whole = file.eof() || file.peek() == std::ifstream::traits_type::eof();
    if (file.bad()) return failure(Error::io("Reading " + path.string() + " failed."));
    return sample;
}

}  // namespace lossmith
