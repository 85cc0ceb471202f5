import pytest

from semola_geo.comparison.statistics import spread, summarize


def test_sample_deviation_and_median() -> None:
    result = spread([1.0, 2.0, 6.0])
    assert result is not None
    assert (result.mean, result.median, result.largest) == (3.0, 2.0, 6.0)
    assert result.deviation == pytest.approx(7**0.5)


def test_nothing_measured_is_none() -> None:
    assert spread([None, None]) is None


def test_methods_keep_their_order() -> None:
    cells = [{"method": name, "test_error": 1.0} for name in ("semola", "e3nn", "semola")]
    assert list(summarize(cells)) == ["semola", "e3nn"]
