"""What every algorithm owes its user."""

import pytest
from qgis.core import QgsProcessingParameterDefinition

from dtwin_plugin.models import MODELS
from processing_algorithms.catalogue import CATALOGUE
from processing_algorithms.exports import EXPORTS
from processing_algorithms.loaders import LOADERS
from processing_algorithms.others import OTHERS
from processing_algorithms.servers import SERVERS
from processing_algorithms.study import STUDY

IDS = sorted([*MODELS, *LOADERS, *(kind.ID for kind in (*CATALOGUE, *EXPORTS, *OTHERS, *SERVERS, *STUDY)), "loadarea"])


def test_the_provider_has_exactly_these_algorithms(provider):
    assert sorted(algorithm.name() for algorithm in provider.algorithms()) == IDS


@pytest.mark.parametrize("name", IDS)
def test_every_parameter_has_a_sentence_of_help(provider, name):
    for definition in provider.algorithm(name).parameterDefinitions():
        assert definition.help().strip().endswith("."), definition.name()
        assert not definition.description()[0].islower()


@pytest.mark.parametrize("name", IDS)
def test_names_are_stable_lower_case(provider, name):
    algorithm = provider.algorithm(name)
    for definition in [*algorithm.parameterDefinitions(), *algorithm.outputDefinitions()]:
        assert definition.name() == definition.name().lower()


@pytest.mark.parametrize("name", sorted([*MODELS, *LOADERS]))
def test_parameters_follow_from_the_description(provider, name):
    model = {**MODELS, **LOADERS}[name]
    algorithm = provider.algorithm(name)
    for item in model.inputs:
        definition = algorithm.parameterDefinition(item.name)
        flags = definition.flags()
        assert definition.description() == item.label()
        assert bool(flags & QgsProcessingParameterDefinition.Flag.FlagAdvanced) == item.advanced
        assert bool(flags & QgsProcessingParameterDefinition.Flag.FlagOptional) == item.optional
    assert {item.name for item in model.outputs} <= {output.name() for output in algorithm.outputDefinitions()}


@pytest.mark.parametrize("name", IDS)
def test_help_has_a_paragraph_for_each_parameter(provider, name):
    algorithm = provider.algorithm(name)
    text = algorithm.shortHelpString()
    for definition in algorithm.parameterDefinitions():
        assert definition.description() in text
