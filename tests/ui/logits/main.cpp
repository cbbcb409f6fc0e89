// The tests of the page Logits with the real engine.
#include "tests/support/TestWindow.h"
#include "tests/ui/logits/LogitsPageTest.h"

int main(int argc, char** argv) {
    return lossmith::test::run_window_tests<lossmith::ui::LogitsPageTest>(argc, argv);
}
