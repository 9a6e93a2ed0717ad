"""The names of fields that tell what their value is, by the token type it gets.

Names are written in lower case with underscores; `fields` brings every casing style to that form.
"""

# ruff: noqa: E501 - a table of names

TEXT = "TEXT"
KEEP = "KEEP"
NAME = "NAME"  # a name, but of whom or of what only the surroundings tell

TABLE: dict[str, str] = {
    "PERSON": """
        full_name first_name last_name middle_name given_name family_name sur_name surname firstname
        lastname middlename fullname fname lname mname given family maiden_name mother_maiden_name
        maiden nickname preferred_name legal_name birth_name alias patient patient_name pt_name member_name
        subscriber_name insured_name guarantor_name person_name contact_name emergency_contact
        next_of_kin kin_name spouse spouse_name mother_name father_name guardian guardian_name
        parent_name child_name relative_name provider_name physician physician_name doctor
        doctor_name nurse nurse_name attending attending_physician attending_name referring_physician
        referring_provider ordering_provider ordering_physician surgeon surgeon_name clinician
        clinician_name practitioner practitioner_name prescriber prescriber_name pcp pcp_name
        employee_name user_full_name display_name caregiver caregiver_name proxy_name
        beneficiary_name policy_holder policyholder policy_holder_name dependent_name cardholder
        cardholder_name card_holder account_holder holder_name customer_name client_name
        signed_by author author_name written_by dictated_by ordered_by performed_by
        witness_name donor_name recipient_name
        name_last name_first name_middle name_family name_given name_full name_of_patient pt_last pt_first
        pat_last pat_first patient_last patient_first last_nm first_nm middle_nm pat_name pat_nm pt_nm patient_nm
        second_name forename forenames other_names mothers_maiden_name husband_name wife_name
        nachname vorname vornamen familienname geburtsname rufname patientenname nom_de_famille nom_famille
        nom_naissance nom_usage prenom prenoms nom_patient nom_du_patient apellido apellidos
        primer_apellido segundo_apellido nombre_completo nombre_paciente nombres cognome nome_paziente
        nome_completo nome_paciente sobrenome achternaam voornaam voornamen tussenvoegsel roepnaam
        familienaam etternavn fornavn efternamn fornamn nazwisko imie emergency_contact_name informant
        responsible_party enrolled_by entered_by verified_by reported_by administered_by
        collected_by resulted_by reviewed_by attested_by cosigner scribe anesthesiologist""",
    "MRN": """
        mrn mrns medical_record medical_record_number medical_record_no record_number chart_number
        chart_no chart_id mr_number mr_no patient_number patient_no patient_id patient_ids pat_id pid
        hospital_number unit_number patient_identifier person_id emr_id ehr_id epi emrn
        person_source_value patient_mrn med_rec_no medrec med_rec mrno mpi empi eid enterprise_id
        global_patient_id patientid patient_key patient_ref patient_uid patient_uuid
        local_patient_id external_patient_id source_patient_id fhir_patient_id patient_num hosp_no
        hospital_no hospital_id urn_number umrn chi chi_number hosp_number patientennummer fallnummer
        patienten_id numero_patient ipp numero_dossier numero_historia historia_clinica nhc
        numero_cartella patientnummer patient_nr""",
    "SSN": """
        ssn social_security social_security_number social_security_no ss_number ssn_last4 last4_ssn
        ssn4 national_id nin sin tax_id tin itin ein nhs_number
        nhs_no nhs social_insurance_number social_sec soc_sec soc_sec_no sozialversicherungsnummer
        numero_securite_sociale numero_de_securite_sociale nir dni curp nif codice_fiscale bsn
        burgerservicenummer cpf pesel personnummer fodselsnummer cpr ssn_no ssn_number last_four_ssn
        ssn_last_four itin_number tax_number aadhaar aadhaar_number sin_number ppsn medicare_number""",
    "DATE": """
        dob date_of_birth birth_date birthdate birthday born birth_dt admission_date admit_date
        admitted_at admit_dt discharge_date discharged_at death_date date_of_death dod deceased_date
        service_date date_of_service dos visit_date encounter_date appointment_date appointment
        procedure_date surgery_date operation_date collected_at collection_date diagnosis_date
        onset_date effective_date enrollment_date start_date end_date date dated exam_date study_date
        prescribed_date fill_date filled_on immunization_date date_time datetime
        admission_datetime service_start service_end deceased_date_time birth_date_time issued
        recorded_date authored_on
        bday birth d_o_b date_born dt_of_birth birthdt born_on birth_day dob_str geburtsdatum geburtstag
        date_de_naissance date_naissance ddn fecha_de_nacimiento fecha_nacimiento fecha_nac data_di_nascita
        data_nascita data_de_nascimento data_nascimento geboortedatum fodselsdato fodelsedatum
        data_urodzenia death_datetime birth_datetime seen_on last_seen last_visit next_visit last_appointment
        next_appointment admit_on enrolled_on implant_date expiration_date
        arrival_date departure_date transplant_date delivery_date edd result_date report_date
        specimen_date drawn_at received_date ordered_date signed_on signed_date
        condition_start_date condition_end_date visit_start_date visit_end_date drug_exposure_start_date
        measurement_date observation_date""",
    "AGE": "age patient_age age_years age_at_death age_at_visit",
    "PHONE": """
        phone phones phone_number telephone telephone_number tel mobile mobile_number mobile_phone cell
        cell_phone cellphone home_phone work_phone daytime_phone contact_number callback_number callback
        contact_phone phone_no pager pager_number phone1 phone2 sms_to whatsapp
        phone_home phone_work phone_mobile phone_cell home_tel work_tel evening_phone day_phone
        alt_phone emergency_phone phone_nbr phone_num mobile_no cell_no cell_number telefon telefonnummer
        handynummer handy rufnummer telefono telefono_movil movil celular telefone numero_telephone
        numero_de_telephone cellulare telefoonnummer mobiel msisdn caller_id caller_number
        from_number to_number dialed_number ani phone_ext""",
    "FAX": "fax fax_number fax_no facsimile",
    "EMAIL": """
        email e_mail email_address mail_address contact_email email_addr emails recipient_email
        sender_email cc_email
        courriel correo correo_electronico indirizzo_email adresse_mail adresse_email emailadres
        e_mail_adresse email1 email2 mailto reply_to""",
    "ADDRESS": """
        address addresses address1 address2 address_1 address_2 address_line address_line1 address_line2
        address_line_1 address_line_2 addr street street_address street1 street2 street_name
        home_address mailing_address postal_address billing_address residence residential_address
        house_number apartment apt line1 line2 patient_address ship_to shipping_address
        addr1 addr2 addr_line1 addr_line2 address_street street_addr street_number house_no
        unit_no apt_no apt_number po_box pobox strasse hausnummer anschrift adresse direccion
        domicilio indirizzo endereco adres straat huisnummer straatnaam street_line""",
    "LOCATION": """
        city town village county county_name borough parish municipality district precinct
        neighborhood neighbourhood suburb ward_name birth_place birthplace place_of_birth
        city_name geo_location geolocation latitude longitude lat lon lng coordinates gps
        locality township hometown home_town city_of_birth residence_city birth_city wohnort
        stadt ville commune lieu_de_naissance ciudad localidad municipio lugar_de_nacimiento citta
        comune luogo_di_nascita cidade woonplaats geboorteplaats geboorteort parish_name postal_town
        lat_lng lat_long latlng geo_point geohash""",
    "ZIP": """
        zip zipcode zip_code zip5 zip4 zip_plus4 postal_code postcode post_code postal
        zip4_code zip_5 postalcode zip9 plz postleitzahl code_postal codigo_postal cep
        eircode pincode pin_code""",
    "MEMBER_ID": """
        member_id member_number member_no memberid subscriber_id subscriber_number insurance_id
        insurance_number insurance_member_id policy_id policy_number policy_no group_number group_id
        group_no beneficiary_id beneficiary_number medicare_id medicaid_id mbi hicn hic_number
        health_plan_id plan_member_id insured_id card_id health_card health_card_number
        member_no mem_id memb_id subscriber_no subscr_id health_insurance_number insurance_policy
        insurance_policy_number insurance_no ins_id payer_member_id enrollee_id cardholder_id rx_group
        rx_member_id group_num versichertennummer versicherungsnummer kvnr numero_assure
        medicare_no medicaid_no medicaid_number    member_nbr beneficiary_key hic""",
    "ACCOUNT": """
        account account_number account_no account_id acct acct_number acct_no acct_id bank_account
        iban routing_number billing_account invoice_number invoice_id card_number credit_card
        credit_card_number card_no cc_number pan patient_account patient_account_number
        financial_number fin swift_bic""",
    "LICENSE": """
        license license_number license_no licence licence_number drivers_license driver_license
        driver_licence drivers_license_number dl_number dln certificate certificate_number
        certificate_no passport passport_number passport_no npi npi_number dea dea_number
        state_license provider_id provider_npi practitioner_id upin medical_license
        physician_id prescriber_npi prescriber_dea
        license_num lic_no dl_no driver_lic passport_num passport_nr reisepass pasaporte registration_number
        reg_no gmc_number nmc_pin dea_no npi_no ordering_npi attending_npi referring_npi rendering_npi
        billing_npi""",
    "VEHICLE": """
        vin vehicle_id vehicle_identification_number license_plate licence_plate plate plate_number
        plate_no vehicle_plate registration_plate tag_number
        plate_num license_tag number_plate vehicle_registration vehicle_reg reg_plate vehicle_vin kennzeichen matricula targa kenteken""",
    "DEVICE": """
        device_id device_ids device_serial device_serial_number serial serial_number serial_no sn udi
        imei imsi meid mac mac_address device_identifier implant_serial implant_id lot_number
        device_udi pacemaker_serial hardware_id android_id idfa lot
        device_sn device_no serial_num serial_nbr sno pump_serial cgm_serial lead_serial transmitter_id
        transmitter_serial receiver_serial implant_sn lot_no device_lot""",
    "URL": "url urls uri website web_site homepage home_page link portal_url profile_url href",
    "IP": "ip ip_address ipaddress ip_addr client_ip remote_ip source_ip remote_addr x_forwarded_for",
    "BIOMETRIC": """
        biometric biometrics biometric_id fingerprint finger_print fingerprint_id voiceprint voice_print
        retina_scan iris_scan iris_code face_id face_template facial_template dna_profile genome_id
        palm_print
        biometric_ref biometric_reference biometric_key biometric_template face_template_id
        voice_template voiceprint_id iris_template iris_id palm_vein palm_template
        fingerprint_template fingerprint_ref fingerprint_hash gait_signature""",
    "PHOTO": """
        photo photos photo_url photograph photograph_url face_photo picture headshot image_url avatar
        selfie patient_photo face_image full_face_photo image_data""",
    "USER": "username user_name user_id userid login login_name screen_name handle account_name user",
    "SECRET": """
        password passwd pwd passphrase secret client_secret api_key apikey access_token
        refresh_token auth_token bearer_token private_key credential credentials session_token
        authorization cookie pin""",
    "ID": """
        claim_id claim_number claim_no encounter_id encounter_number visit_id visit_number csn accession
        accession_number accession_no specimen_id sample_id order_id order_number order_no rx_number
        prescription_number prescription_id rx_id case_id case_number appointment_id referral_id
        authorization_number auth_number prior_auth_number study_id study_uid subject_id participant_id
        record_id employee_id staff_id badge_number badge_id badge confirmation_number ticket_id
        tracking_number document_id document_number note_id result_id lab_id report_id family_id
        household_id donor_id customer_id client_id contact_id dependent_id guarantor_id
        transaction_id uuid guid control_number reference_number person_number identifier ids
        enrollment_code enrolment_code enrollment_id enrolment_id trial_code trial_id trial_subject
        trial_number subject_number subject_no subject_code subject_key study_code study_number
        study_subject_id participant_code participant_number randomization_number randomisation_number
        randomization_id screening_number screening_id consent_id visit_key encounter_no encounter_key
        encounter_uid visit_no episode_id episode_number admission_number admission_id fin_number
        claim_key claim_control_number requisition requisition_number order_key specimen_no
        specimen_number accession_key case_no family_number pedigree_id redcap_id """,
    "FACILITY": """
        facility facility_name hospital hospital_name clinic clinic_name practice practice_name site_name
        organization organisation organization_name organisation_name employer employer_name school
        school_name pharmacy pharmacy_name department_name location_name service_provider
        managing_organization lab_name institution institution_name nursing_home room room_number
        bed bed_number""",
    "CONDITION": """
        diagnosis diagnoses dx condition conditions problem problems problem_list primary_diagnosis
        admitting_diagnosis secondary_diagnosis discharge_diagnosis comorbidity comorbidities
        diagnosis_code diagnosis_codes dx_code dx_codes icd10 icd_10 icd_code icd10_code icd
        chief_complaint reason_for_visit medical_history disease disorder indication
        principal_diagnosis illness allergy_to""",
    KEEP: """
        status state_code unit units currency language gender sex route dose_unit priority severity
        resource_type verb method mode format encoding action action_type dialect environment env
        dose strength frequency loinc loinc_code rxnorm rxnorm_code rxcui snomed snomed_code sctid cpt
        cpt_code hcpcs hcpcs_code ndc ndc_code atc atc_code cvx cvx_code drg drg_code ms_drg""",
    NAME: "name names title label subject owner recipient recipients to from sender cc bcc attention attn for",
}
