"""A stream gives the bits of the whole, whatever the size of the blocks."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octolab.audio import spectra
from octolab.errors import BadInput

SR = 16000
NOISE = np.random.default_rng(8).normal(0, 0.2, 9000).astype(np.float32)
FFTS = ["scipy", "mkl"] if find_spec("mkl_fft") else ["scipy"]
FRAMES = st.fixed_dictionaries(
    {
        "fft": st.sampled_from(FFTS),
        "n_fft": st.sampled_from([1, 2, 63, 256, 441, 1024]),
        "hop_length": st.sampled_from([1, 50, 128, 512, 700, 2500]),
        "precision": st.sampled_from(["fast", "exact"]),
    }
).filter(lambda frames: frames["hop_length"] >= 50 or frames["n_fft"] <= 63)
LENGTHS = st.integers(1, len(NOISE))
BLOCKS = st.lists(st.integers(0, 3000), min_size=1, max_size=8)


def pushed(stream, y, blocks):
    """What comes out when `y` goes in, in blocks of these sizes over and over."""
    found, start, turn = [], 0, 0
    while start < len(y):
        size = blocks[turn % len(blocks)] + (turn >= len(blocks))  # never without end
        found.append(stream.push(y[start : start + size]))
        start, turn = start + size, turn + 1
    return np.concatenate([*found, stream.flush()])


@settings(max_examples=40, deadline=None)
@given(frames=FRAMES, length=LENGTHS, blocks=BLOCKS, power=st.sampled_from([None, 1.0, 2.0]))
def test_spectra(frames, length, blocks, power):
    y = NOISE[:length]
    found = pushed(spectra.SpectrumStream(power=power, **frames), y, blocks)
    np.testing.assert_array_equal(found.T, spectra.spectrogram(y, power=power, **frames))


@settings(max_examples=40, deadline=None)
@given(
    frames=FRAMES.filter(lambda frames: frames["n_fft"] > 1),
    length=LENGTHS,
    blocks=BLOCKS,
    bands=st.fixed_dictionaries(
        {"n_mels": st.sampled_from([1, 13, 40]), "power": st.sampled_from([1.0, 2.0])}
    ),
)
def test_mel_bands(frames, length, blocks, bands):
    y = NOISE[:length]
    found = pushed(spectra.MelStream(SR, **frames, **bands), y, blocks)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.T, spectra.melspectrogram(y, SR, **frames, **bands))


@settings(max_examples=40, deadline=None)
@given(frames=FRAMES.filter(lambda frames: frames["n_fft"] > 2), length=LENGTHS, blocks=BLOCKS)
def test_bands_of_bins(frames, length, blocks):
    y = NOISE[:length]
    edges = np.unique(np.geomspace(1, 1 + frames["n_fft"] // 2, 9).astype(int))
    found = pushed(spectra.BandStream(SR, edges=edges, **frames), y, blocks)
    whole = pushed(spectra.BandStream(SR, edges=edges, **frames), y, [len(y)])
    np.testing.assert_array_equal(found, whole)
    assert found.shape == (1 + length // frames["hop_length"], len(edges) - 1)


@settings(max_examples=20, deadline=None)
@given(length=LENGTHS, blocks=BLOCKS, lag=st.integers(1, 3))
def test_onset_strength(length, blocks, lag):
    y = NOISE[:length]
    options = {"n_fft": 512, "hop_length": 128, "n_mels": 40, "lag": lag}
    found = pushed(spectra.OnsetStream(SR, **options), y, blocks)
    np.testing.assert_array_equal(found, spectra.onset_strength(y, SR, top_db=None, **options))


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, 70), max_size=5), precision=st.sampled_from(["fast", "exact"]))
def test_channel_energy_normalisation_goes_on_from_its_state(cuts, precision):
    bands = spectra.melspectrogram(NOISE, SR, n_fft=512, hop_length=128, n_mels=40)
    state, found = None, []
    for piece in np.split(bands, sorted(cuts), axis=1):
        made, state = spectra.pcen(
            piece, SR, hop_length=128, zi=state, return_zf=True, precision=precision
        )
        found.append(made)
    whole = spectra.pcen(bands, SR, hop_length=128, precision=precision)
    np.testing.assert_array_equal(np.concatenate(found, axis=1), whole)


def test_a_sine_at_full_scale_has_a_power_of_one_in_its_bin():
    n_fft = 1024
    hz = 100 * SR / n_fft
    y = np.sin(2 * np.pi * hz * np.arange(SR) / SR).astype(np.float32)
    rows = pushed(
        spectra.BandStream(SR, n_fft=n_fft, hop_length=160, edges=[50, 99, 100, 101, 102, 200]),
        y,
        [1000],
    )
    np.testing.assert_allclose(rows[:, 2], 1, rtol=1e-4)
    assert (rows[:, [1, 3]] < 0.26).all()  # Hann's neighbours, a quarter each
    assert (rows[:, [0, 4]] < 0.01).all()


def test_a_hum_has_no_click_at_its_ends_in_bands_of_bins():
    y = np.sin(2 * np.pi * 203 * np.arange(SR) / SR).astype(np.float32)
    rows = pushed(spectra.BandStream(SR, n_fft=1024, hop_length=160, edges=[0, 40, 512]), y, [777])
    assert rows[:, 1].max() < 1e-6


def test_a_sound_shorter_than_a_window_is_bands_of_what_there_is():
    stream = spectra.BandStream(SR, n_fft=1024, hop_length=160, edges=[0, 100, 513])
    rows = pushed(stream, NOISE[:500], [200])
    assert rows.shape == (4, 2)
    assert (rows == rows[0]).all()


@pytest.mark.parametrize(
    "open_stream",
    [
        lambda: spectra.SpectrumStream(),
        lambda: spectra.MelStream(SR),
        lambda: spectra.BandStream(SR, edges=[1, 2]),
    ],
)
def test_nothing_in_gives_nothing_out(open_stream):
    stream = open_stream()
    assert len(stream.push(NOISE[:0])) == len(stream.flush()) == 0


@pytest.mark.parametrize("fft", ["scipy", "mkl"])
def test_the_transform_can_be_chosen(fft, monkeypatch):
    if fft == "mkl":
        pytest.importorskip("mkl_fft")
    chosen = spectra.melspectrogram(NOISE, SR, fft=fft)
    monkeypatch.setenv("OCTOLAB_FFT", fft)
    np.testing.assert_array_equal(spectra.melspectrogram(NOISE, SR), chosen)
    monkeypatch.setenv("OCTOLAB_FFT", "none")
    with pytest.raises(BadInput, match="fft must be 'scipy' or 'mkl', not 'none'"):
        spectra.melspectrogram(NOISE, SR)


def test_a_transform_that_is_not_installed_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("octolab.audio.spectra.transforms.mkl", lambda: None)
    spectra.rms(NOISE)
    spectra.spectrogram(NOISE)
    with pytest.raises(BadInput, match=r"pip install mkl_fft"):
        spectra.spectrogram(NOISE, fft="mkl")


def test_importing_them_brings_in_nothing_heavy():
    heavy = ("numba", "scipy", "mkl_fft", "librosa")
    code = f"import octolab.audio, sys; print(*[m for m in {heavy!r} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_and_the_stream_goes_on(bad):
    stream = spectra.MelStream(SR)
    first = stream.push(NOISE)
    with pytest.raises(BadInput, match="NaN or infinity"):
        stream.push(np.array([0.1, bad], np.float32))
    with pytest.raises(BadInput, match="one-dimensional"):
        stream.push(NOISE.reshape(2, -1))
    rest = np.concatenate([stream.push(NOISE), stream.flush()])
    whole = spectra.melspectrogram(np.concatenate([NOISE, NOISE]), SR)
    np.testing.assert_array_equal(np.concatenate([first, rest]).T, whole)


@pytest.mark.parametrize("edges", [[], [3], [-1, 5], [5, 600], [5, 5, 9], [9, 5]])
def test_edges_must_ascend_within_the_spectrum(edges):
    with pytest.raises(BadInput, match="edges"):
        spectra.BandStream(SR, n_fft=1024, hop_length=160, edges=edges)
