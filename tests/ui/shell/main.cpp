// Tests of the window and of what its pages share.
#include "tests/support/TestWindow.h"
#include "tests/ui/shell/test_main_window.h"
#include "tests/ui/shell/test_session.h"
#include "tests/ui/shell/test_watch.h"

int main(int count, char** values) {
    return lossmith::test::run_window_tests<lossmith::test::TestSession, lossmith::test::TestMainWindow, lossmith::test::TestWatch>(count,
                                                                                                                                    values);
}
