# Copyright: (c) 2026, the nextgen.cloud authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mangled names of the C++ functions we call, as ``nm -D`` prints them for Mesos 1.11.0.

The comment at each name gives its C++ form. ``C1`` is a complete-object constructor.
"""

from __future__ import annotations

_STR = "NSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"  # std::string, new ABI

# stout: flags
FLAGS_LOAD = "_ZN5flags9FlagsBase4loadERK6OptionI" + _STR + "EiPKPKcbb"
# Try<Warnings> load(Option<string> prefix, int argc, char const* const* argv, bool unknowns, bool duplicates)
FLAGS_USAGE = "_ZNK5flags9FlagsBase5usageERK6OptionI" + _STR + "E"  # string usage(Option<string> message)

# libprocess
PROCESS_INITIALIZE = "_ZN7process10initializeERK6OptionI" + _STR + "ES9_S9_"
# bool initialize(Option<string> delegate, Option<string> readwrite realm, Option<string> readonly realm)
PROCESS_SPAWN = "_ZN7process5spawnEPNS_11ProcessBaseEb"  # UPID spawn(ProcessBase*, bool manage)
PROCESS_WAIT = "_ZN7process4waitERKNS_4UPIDERK8Duration"  # bool wait(UPID, Duration)
PROCESS_ID_GENERATE = "_ZN7process2ID8generateERK" + _STR  # string generate(string prefix)
PROCESS_TERMINATE = "_ZN7process9terminateERKNS_4UPIDEb"  # void terminate(UPID, bool inject)
PROCESS_ADDRESS = "_ZN7process7addressEv"  # network::inet::Address address()
UPID = "_ZN7process4UPIDC1ERK" + _STR + "RKNS_7network4inet7AddressE"  # UPID(string id, inet::Address)
REAPER_PROCESS = "_ZN7process8internal13ReaperProcessC1Ev"
HTTP_SET_CALLBACKS = (
    "_ZN7process4http13authorization12setCallbacksERK7hashmapI"
    + _STR
    + "St8functionIFNS_6FutureIbEENS0_7RequestE6OptionINS0_14authentication9PrincipalEEEE"
    + "St4hashIS8_ESt8equal_toIS8_EE"
)

# Both daemons
LOGGING_FLAGS = "_ZN5mesos8internal7logging5FlagsC1Ev"
LOGGING_INITIALIZE = "_ZN5mesos8internal7logging10initializeERK" + _STR + "bRK6OptionINS1_5FlagsEE"
# void initialize(string argv0, bool install failure handlers, Option<logging::Flags>)
VERSION_PROCESS = "_ZN5mesos8internal14VersionProcessC1Ev"  # serves /version
FILES = "_ZN5mesos8internal5FilesC1ERK6OptionI" + _STR + "ERKS2_IPNS_10AuthorizerEE"
# Files(Option<string> realm, Option<Authorizer*>)
ACLS_PARSE = "_ZN5flags5parseIN5mesos4ACLsEEE3TryIT_5ErrorERK" + _STR  # Try<ACLs> parse(string JSON)
AUTHORIZER_CREATE = "_ZN5mesos10Authorizer6createERKNS_4ACLsE"  # Try<Authorizer*> create(ACLs)
AUTHORIZATION_CALLBACKS = "_ZN5mesos13authorization28createAuthorizationCallbacksB5cxx11EPNS_10AuthorizerE"
DETECTOR_CREATE = (
    "_ZN5mesos6master8detector14MasterDetector6createERK6OptionI" + _STR + "ESC_RKS3_I8DurationE"
)  # Try<MasterDetector*> create(Option<string> zk or master, Option<string> module, Option<Duration> session timeout)

# Master
MASTER_FLAGS = "_ZN5mesos8internal6master5FlagsC1Ev"
MASTER = (
    "_ZN5mesos8internal6master6MasterC1EPNS_9allocator9AllocatorEPNS1_9RegistrarEPNS0_5FilesE"
    "PNS_6master9contender15MasterContenderEPNSA_8detector14MasterDetectorERK6OptionIPNS_10AuthorizerEE"
    "RKSH_ISt10shared_ptrIN7process11RateLimiterEEERKNS1_5FlagsE"
)
ALLOCATOR = (
    "_ZN5mesos8internal6master9allocator14MesosAllocatorINS2_28HierarchicalAllocatorProcess"
    "INS2_9DRFSorterES5_EEEC1Ev"
)  # MesosAllocator<HierarchicalAllocatorProcess<DRFSorter, DRFSorter>>
IN_MEMORY_STORAGE = "_ZN5mesos5state15InMemoryStorageC1Ev"
LOG_LOCAL = (
    "_ZN5mesos3log3LogC1EiRK" + _STR + "RKSt3setIN7process4UPIDESt4lessISC_ESaISC_EEbRK6OptionIS7_E"
)  # Log(int quorum, string path, set<UPID> peers, bool auto initialize, Option<string> metrics prefix)
LOG_ZOOKEEPER = (
    "_ZN5mesos3log3LogC1EiRK" + _STR + "S9_RK8DurationS9_RK6OptionIN9zookeeper14AuthenticationEEbRKSD_IS7_E"
)  # Log(int, string path, string servers, Duration, string znode, Option<Authentication>, bool, Option<string>)
LOG_STORAGE = "_ZN5mesos5state10LogStorageC1EPNS_3log3LogEm"  # LogStorage(Log*, size_t diffs between snapshots)
STATE_VTABLE = "_ZTVN5mesos5state8protobuf5StateE"
REGISTRAR = (
    "_ZN5mesos8internal6master9RegistrarC1ERKNS1_5FlagsEPNS_5state5StateERK6OptionI" + _STR + "E"
)  # Registrar(master::Flags, State*, Option<string> realm)
CONTENDER_CREATE = (
    "_ZN5mesos6master9contender15MasterContender6createERK6OptionI" + _STR + "ESC_RKS3_I8DurationE"
)  # Try<MasterContender*> create(Option<string> zk, Option<string> module, Option<Duration>)
APPOINT = "_ZN5mesos6master8detector24StandaloneMasterDetector7appointERK6OptionINS_10MasterInfoEE"
MASTER_INFO_VTABLE = "_ZTVN5mesos10MasterInfoE"
MASTER_INFO_COPY = "_ZN5mesos10MasterInfoC1ERKS0_"

# Agent
AGENT_FLAGS = "_ZN5mesos8internal5slave5FlagsC1Ev"
AGENT = (
    "_ZN5mesos8internal5slave5SlaveC1ERK" + _STR + "RKNS1_5FlagsEPNS_6master8detector14MasterDetectorE"
    "PNS1_13ContainerizerEPNS0_5FilesEPNS1_16GarbageCollectorEPNS1_23TaskStatusUpdateManagerE"
    "PNS_5slave17ResourceEstimatorEPNSQ_13QoSControllerEPNS_15SecretGeneratorEPNS1_16VolumeGidManagerE"
    "PNS0_20PendingFutureTrackerEON7process5OwnedINS1_9CSIServerEEERK6OptionINS11_7network8internal6Socket"
    "INS17_4unix7AddressEEEERKS16_IPNS_10AuthorizerEE"
)
PROVIDER_MANAGER = "_ZN5mesos8internal5slave5Slave33initializeResourceProviderManagerERKNS1_5FlagsERKNS_7SlaveIDE"
# void Slave::initializeResourceProviderManager(Flags, SlaveID)
FETCHER = "_ZN5mesos8internal5slave7FetcherC1ERKNS1_5FlagsE"
GARBAGE_COLLECTOR = "_ZN5mesos8internal5slave16GarbageCollectorC1ERK" + _STR
SECRET_RESOLVER_CREATE = "_ZN5mesos14SecretResolver6createERK6OptionI" + _STR + "E"
CONTAINERIZER_CREATE = (
    "_ZN5mesos8internal5slave13Containerizer6createERKNS1_5FlagsEbPNS1_7FetcherEPNS1_16GarbageCollectorE"
    "PNS_14SecretResolverEPNS1_16VolumeGidManagerEPNS0_20PendingFutureTrackerEPNS1_9CSIServerE"
)
STATUS_UPDATE_MANAGER = "_ZN5mesos8internal5slave23TaskStatusUpdateManagerC1ERKNS1_5FlagsE"
RESOURCE_ESTIMATOR_CREATE = "_ZN5mesos5slave17ResourceEstimator6createERK6OptionI" + _STR + "E"
QOS_CONTROLLER_CREATE = "_ZN5mesos5slave13QoSController6createERK6OptionI" + _STR + "E"
JWT_SECRET_GENERATOR = "_ZN5mesos14authentication8executor18JWTSecretGeneratorC1ERK" + _STR

# Container helper
LAUNCH_FLAGS = "_ZN5mesos8internal5slave24MesosContainerizerLaunch5FlagsC1Ev"
LAUNCH_EXECUTE = "_ZN5mesos8internal5slave24MesosContainerizerLaunch7executeEv"
