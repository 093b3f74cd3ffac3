"""Acoustic indices are scikit-maad's, minute by minute."""

from __future__ import annotations

import warnings
from dataclasses import asdict

import numpy as np
import pytest
import soundfile

from octolab.audio import load, soundscape
from octolab.audio.indices import AcousticIndices, acoustic_indices, analyse
from octolab.errors import BadInput
from octolab.plugins import analyzers, following, run_analyzer

SR = 22000
RECORDINGS = [
    "S4A03895_20190522_000000",
    "S4A03895_20190522_060000",
    "S4A03895_20190522_063000",
    "S4A03895_20190522_120000",
    "S4A03895_20190522_183000",
    "spinetail",
]


def of_maad(y, sr, dB_threshold=-50):  # noqa: N803
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from maad import features, sound
    s = y.astype(np.float64)
    s -= s.mean()
    power, _, hz, _ = sound.spectrogram(s, sr)
    amplitude, _, _, _ = sound.spectrogram(s, sr, mode="amplitude")
    hf, ht = features.frequency_entropy(power)[0], features.temporal_entropy(s)
    return {
        "aci": features.acoustic_complexity_index(amplitude)[2],
        "adi": features.acoustic_diversity_index(amplitude, hz, dB_threshold=dB_threshold),
        "aei": features.acoustic_eveness_index(amplitude, hz, dB_threshold=dB_threshold),
        "ndsi": features.soundscape_index(power, hz)[0],
        "bi": features.bioacoustics_index(amplitude, hz),
        "hf": hf,
        "ht": ht,
        "h": hf * ht,
    }


@pytest.fixture(scope="module", params=RECORDINGS)
def sound(request, shared) -> tuple[np.ndarray, int]:
    return load(shared / "data/audio/scikit-maad" / f"{request.param}.wav")


def test_all_are_scikit_maads(sound):
    y, sr = sound
    assert asdict(acoustic_indices(y, sr)) == pytest.approx(of_maad(y, sr), rel=1e-6)
    offset = y + np.float32(0.25)  # a microphone's direct current
    assert asdict(acoustic_indices(offset, sr)) == pytest.approx(of_maad(y, sr), rel=1e-3)


def test_with_another_threshold(sound):
    y, sr = sound
    found = acoustic_indices(y, sr, threshold_db=-35.0)
    assert asdict(found) == pytest.approx(of_maad(y, sr, dB_threshold=-35), rel=1e-6)


def test_each_of_a_given_spectrogram(sound):
    y, sr = sound
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from maad import features
        from maad import sound as maad_sound
    amplitude, _, hz, _ = maad_sound.spectrogram(y, sr, nperseg=512, mode="amplitude")
    for found, wanted in (
        (
            soundscape.acoustic_complexity(amplitude),
            features.acoustic_complexity_index(amplitude)[2],
        ),
        (
            soundscape.acoustic_diversity(amplitude, hz, fmin=500, fmax=9000, step_hz=700),
            features.acoustic_diversity_index(amplitude, hz, fmin=500, fmax=9000, bin_step=700),
        ),
        (
            soundscape.acoustic_evenness(amplitude, hz, fmax=10000, threshold_db=-40),
            features.acoustic_eveness_index(amplitude, hz, fmax=10000, dB_threshold=-40),
        ),
        (
            soundscape.soundscape_index(
                amplitude, hz, anthropophony_hz=(500, 2000), biophony_hz=(3000, 8000)
            ),
            features.soundscape_index(
                amplitude**2, hz, flim_antroPh=(500, 2000), flim_bioPh=(3000, 8000)
            )[0],
        ),
        (
            soundscape.bioacoustic_index(amplitude, hz, band_hz=(1500, 8000)),
            features.bioacoustics_index(amplitude, hz, flim=(1500, 8000)),
        ),
        (soundscape.spectral_entropy(amplitude), features.frequency_entropy(amplitude**2)[0]),
        (soundscape.temporal_entropy(y, frame_length=64), features.temporal_entropy(y, Nt=64)),
    ):
        assert found == pytest.approx(wanted, rel=1e-6)


def test_silence_has_all_bands_alike():
    found = acoustic_indices(np.zeros(SR, np.float32), SR)
    assert found == AcousticIndices(0, pytest.approx(np.log(20)), 0, 0, 0, 1, 1, 1)
    constant = acoustic_indices(np.full(SR, 0.5, np.float32), SR)
    assert (constant.ndsi, constant.bi, constant.ht) == (0, 0, 1)


def test_a_click_and_steady_noise_are_told_apart():
    noise = np.random.default_rng(2).normal(0, 0.1, 10 * SR).astype(np.float32)
    click = np.zeros_like(noise)
    click[5 * SR] = 1
    assert acoustic_indices(noise, SR).ht > 0.99
    assert acoustic_indices(click, SR).ht < 0.01
    assert acoustic_indices(noise, SR).hf > 0.99


@pytest.mark.parametrize(
    ("y", "sr", "message"),
    [
        (np.zeros(1535, np.float32), SR, "1535 samples are too few for acoustic indices"),
        (np.zeros((2, 9000), np.float32), SR, "one-dimensional array of floats"),
        (np.zeros(9000, np.int16), SR, "one-dimensional array of floats"),
        (np.full(9000, np.nan, np.float32), SR, "NaN or infinity"),
        (np.zeros(9000, np.float32), 0, "samples need their rate"),
    ],
)
def test_what_has_no_indices_is_refused(y, sr, message):
    with pytest.raises(BadInput, match=message):
        acoustic_indices(y, sr)


def test_bands_that_can_not_be():
    amplitude, hz = np.ones((512, 4)), np.arange(512) * 20.0
    with pytest.raises(BadInput, match="not 5000 to 1000"):
        soundscape.acoustic_diversity(amplitude, hz, fmin=5000, fmax=1000)
    with pytest.raises(BadInput, match="not 1000 to 1000"):
        soundscape.soundscape_index(amplitude, hz, anthropophony_hz=(1000, 1000))
    with pytest.raises(BadInput, match="n_fft must be even"):
        acoustic_indices(np.zeros(9000, np.float32), SR, n_fft=1023)


# --- of a file ---------------------------------------------------------------


@pytest.fixture(scope="module")
def two_and_a_half_minutes(shared, tmp_path_factory):
    y, sr = load(shared / "data/audio/scikit-maad/S4A03895_20190522_060000.wav")
    y = np.tile(y, 16)[: round(155 * sr)] * np.linspace(0.2, 1, round(155 * sr), dtype=np.float32)
    path = tmp_path_factory.mktemp("sounds") / "day.wav"
    soundfile.write(path, y, sr, subtype="FLOAT")
    return path, y, sr


def test_a_file_is_analysed_minute_by_minute(two_and_a_half_minutes):
    path, y, sr = two_and_a_half_minutes
    found = analyse(path)
    minutes = found.data["minutes"]
    assert minutes["start_s"] == [0, 60, 120]
    assert minutes["duration_s"] == [60, 60, 35]
    for number, start in enumerate((0, 60 * sr, 120 * sr)):
        wanted = asdict(acoustic_indices(y[start : start + 60 * sr], sr))
        assert {name: minutes[name][number] for name in wanted} == wanted
    mean = np.average(minutes["ndsi"], weights=minutes["duration_s"])
    assert found.metrics["ndsi"].value == pytest.approx(mean)
    assert (found.metrics["bi"].unit, found.metrics["adi"].unit) == ("dB/Hz", "nat")


def test_a_short_rest_is_left_out_but_a_short_sound_is_not(two_and_a_half_minutes, tmp_path):
    _, y, sr = two_and_a_half_minutes
    for seconds, durations in ((75, [60]), (95, [60, 35]), (7, [7]), (60, [60])):
        path = tmp_path / f"{seconds}.flac"
        soundfile.write(path, y[: seconds * sr], sr)
        assert analyse(path).data["minutes"]["duration_s"] == durations


def test_it_is_an_analyzer(two_and_a_half_minutes):
    analyzer = analyzers.get("acoustic-indices")
    analyzer.require("sound")
    told = []
    with following(lambda done, total, message: told.append(done / total)):
        found = run_analyzer(analyzer, two_and_a_half_minutes[0], threshold_db=-40.0)
    assert told == pytest.approx([60 / 155, 120 / 155, 1])
    assert found.params == {"threshold_db": -40.0}
    assert set(found.metrics) == {"aci", "adi", "aei", "ndsi", "bi", "hf", "ht", "h"}


def test_a_file_that_is_too_short_says_so(tmp_path):
    path = tmp_path / "tick.wav"
    soundfile.write(path, np.zeros(100, np.float32), SR)
    told = r"need 1536 samples in a minute: tick\.wav has 100 in 0\.00455 s at 22000 Hz"
    with pytest.raises(BadInput, match=told):
        analyse(path)
