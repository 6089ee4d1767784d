"""The kernel under Jupyter's own tests for kernels, and a few more.

    pip install jupyter_kernel_test nbclient pytest
    erpq kernel install
    python -m pytest Tests/Jupyter/test_kernel.py
"""

import time

import jupyter_kernel_test as jkt
import nbclient
import nbformat

SLOW = "sales | join sales on product = product | summarize n = count()"


class ErpqKernel(jkt.KernelTests):
    kernel_name = "erpq"
    language_name = "erpq"
    file_extension = ".erpq"
    completion_samples = [
        {"text": "sales | summ", "matches": {"summarize"}},
        {"text": "products | where 😀 = 1 and catego", "matches": {"category"}},
    ]
    complete_code_samples = ["1 + 1", "sales | limit 3"]
    incomplete_code_samples = ["sales |", "sum(", "let x ="]
    invalid_code_samples = ["sales | where ) 3"]
    code_inspect_sample = "forecast"
    code_generate_error = "sales | where prise > 3"
    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "let a = 5; $a * 2", "result": "10"},
    ]
    code_display_data = [
        {"code": "sales daily days 30 | plot", "mime": "image/svg+xml"},
        {"code": "products | limit 2\n1 + 1", "mime": "text/html"},
    ]
    code_history_pattern = "1 + 2*"
    supported_history_operations = ("tail", "range", "search")

    def test_names_of_the_company(self):
        self.flush_channels()
        self.kc.complete('forecast product "Corner Desk O')
        reply = self.get_non_kernel_info_reply(timeout=20)
        assert '"Corner Desk Oak"' in reply["content"]["matches"]

    def test_table_result(self):
        self.flush_channels()
        _, outputs = self.execute_helper(code="products | limit 2")
        assert outputs[0]["msg_type"] == "execute_result"
        assert "<table>" in outputs[0]["content"]["data"]["text/html"]

    def test_error_has_caret(self):
        self.flush_channels()
        reply, outputs = self.execute_helper(code="sales | where prise > 3")
        assert reply["content"]["status"] == "error" and reply["content"]["ename"] == "E0203"
        error = [o for o in outputs if o["msg_type"] == "error"][0]
        assert any("^^^^^" in line for line in error["content"]["traceback"])

    def test_stop_on_error(self):
        self.flush_channels()
        self.kc.execute("nosuch thing")
        second = self.kc.execute("1 + 1")
        reply = self.get_non_kernel_info_reply(timeout=20)
        assert reply["content"]["status"] == "error"
        while reply["parent_header"]["msg_id"] != second:
            reply = self.get_non_kernel_info_reply(timeout=20)
        assert reply["content"]["status"] == "aborted"

    def test_user_expressions(self):
        self.flush_channels()
        self.kc.execute("let q = 20", user_expressions={"x": "$q + 1", "bad": "$nope"})
        values = self.get_non_kernel_info_reply(timeout=20)["content"]["user_expressions"]
        assert values["x"]["data"]["text/plain"] == "21"
        assert values["bad"]["status"] == "error"

    def test_interrupt(self):
        self.flush_channels()
        self.kc.execute(SLOW)
        time.sleep(1.0)
        start = time.time()
        self.km.interrupt_kernel()
        reply = self.get_non_kernel_info_reply(timeout=30)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert time.time() - start < 5
        self.flush_channels()
        reply, _ = self.execute_helper(code="1 + 2")
        assert reply["content"]["status"] == "ok"


def test_a_notebook():
    cells = ["let top = 3", "sales days 30 | top $top by amount", "sales daily days 30 | plot amount", "help limit"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="erpq").execute()
    nbformat.validate(notebook)
    kinds = [[o.output_type for o in cell.outputs] for cell in notebook.cells]
    assert kinds == [[], ["execute_result"], ["display_data"], ["stream"]]
